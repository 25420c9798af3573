"""Where NaN or infinity first appeared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.tensor_streams import ACTIVATION, GRADIENT, INPUT, LOSS, UPDATE, WEIGHT, TensorLog
from treedebug.engine.resolve import Missing

_ORDER = (INPUT, WEIGHT, ACTIVATION, LOSS, GRADIENT, UPDATE)
"""The order in which a step computes them: the first broken one is the nearest to the cause."""


@dataclass(frozen=True)
class NonFinite:
    """A tensor with values that are NaN or infinite, at the first sampled step that had any."""

    kind: str
    layer: str
    step: int
    round_index: int
    share: float
    """Of its entries; 1 for a loss."""


@dataclass(frozen=True)
class NonFiniteTensors:
    """Every tensor that broke, the nearest to the cause first."""

    found: tuple[NonFinite, ...]
    n_tensors: int
    """Tensors that were judged."""
    last_round: int

    @classmethod
    def measure(cls, log: TensorLog) -> Self:
        """Raise Missing where nothing was sampled yet."""
        if not len(log.steps):
            raise Missing("no step of the optimiser was sampled yet")
        found, n, last = [], 0, 0
        for place, key in enumerate(log.keys()):
            is_loss = key.kind == LOSS and key.statistic == "value"
            if not is_loss and key.statistic != "nonfinite_share":
                continue
            n += 1
            series = log.series(*key)
            broken = ~np.isfinite(series.values) if is_loss else series.values > 0
            last = max(last, int(series.rounds[-1]))
            if broken.any():
                at = int(broken.argmax())
                share = 1.0 if is_loss else float(series.values[at])
                order = _ORDER.index(key.kind) if key.kind in _ORDER else len(_ORDER)
                found.append(
                    (
                        int(series.steps[at]),
                        order,
                        place,
                        NonFinite(key.kind, key.layer, int(series.steps[at]), int(series.rounds[at]), share),
                    )
                )
        found.sort(key=lambda f: f[:3])
        return cls(tuple(f[-1] for f in found), n, last)
