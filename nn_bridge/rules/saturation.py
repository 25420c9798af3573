"""What the two rules on saturated functions share: the search and the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nn_bridge.signals.activity import Saturation, since
from treedebug.core.findings import Change
from treedebug.core.phrases import percent


@dataclass(frozen=True)
class Saturated:
    """What there is to say of the first saturated layer."""

    message: str
    rounds: tuple[int, int]
    try_next: tuple[Change, ...]
    evidence: dict[str, Any]


def saturated(saturation: Saturation, function: str, *, min_share: float, steps: int) -> Saturated | None:
    """The first layer with this function that is saturated at the end, or None."""
    mine = saturation.of(function)
    began = since(saturation.shares[:, mine] >= min_share, steps)
    found = np.flatnonzero(began >= 0)
    if not len(found):
        return None
    first = int(found[0])
    layer, share = saturation.layers[mine[first]], float(saturation.shares[-1, mine[first]])
    step = int(saturation.steps[began[first]])
    return Saturated(
        f"{percent(share)} of the outputs of {layer} ({function}) are saturated since step {step} "
        f"({len(found)} of {len(mine)} such layers)",
        (int(saturation.rounds[began[first]]), int(saturation.rounds[-1])),
        (
            Change("input", "mean 0, standard deviation 1", "scale the data, or start with smaller weights"),
            Change("activation", "ReLU", f"instead of {function}"),
        ),
        {"layer": layer, "saturated_share": share, "first_step": step, "n_layers": len(found)},
    )
