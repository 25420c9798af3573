"""What the two rules on saturated functions share: the thresholds, the comparison and the words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.rules._advice import OUTCOMES, layer_name
from nn_bridge.signals.unit_activity import Saturation, bad_since
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class SaturatedFunction(Rule):
    """Most inputs of a function stand where it is flat. Each function has its own rule."""

    function: ClassVar[str]
    explains: ClassVar[tuple[str, ...]] = ("NN902", "NN905", "NN912", *OUTCOMES)

    min_share: float = param(0.5, "share of inputs 5 or more away from zero", ge=0.0, le=1.0)
    steps: int = param(5, "sampled steps in a row", ge=1, le=100_000)

    def check(self, saturation: Saturation) -> Iterator[Finding]:
        """Name the first layer with this function that is saturated at the end."""
        mine = saturation.of(self.function)
        began = bad_since(saturation.shares[:, mine] >= self.min_share, self.steps)
        found = np.flatnonzero(began >= 0)
        if not len(found):
            return
        first = int(found[0])
        layer, share = saturation.layers[mine[first]], float(saturation.shares[-1, mine[first]])
        step = int(saturation.steps[began[first]])
        yield self.finding(
            f"{percent(share)} of the outputs of {layer_name(layer)} ({self.function}) are saturated since step {step} "
            f"({len(found)} of {len(mine)} such layers)",
            rounds=(int(saturation.rounds[began[first]]), int(saturation.rounds[-1])),
            try_next=(
                Change("input", "mean 0, standard deviation 1", "scale the data, or start with smaller weights"),
                Change("activation", "ReLU", f"instead of {self.function}"),
            ),
            layer=layer,
            saturated_share=share,
            first_step=step,
            n_layers=len(found),
        )
