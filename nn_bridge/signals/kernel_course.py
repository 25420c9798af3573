"""How the tangent kernel moved along the training, and how far the net stayed linear in its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.tensor_streams import KERNEL, Floats, Integers, TensorLog
from treedebug.engine.resolve import Missing

UNRECORDED = "needs rows that no step trains on: TorchRecorder(..., kernel=X) or kernel=(X, y)"


@dataclass(frozen=True, eq=False)
class KernelCourse:
    """What was measured at a few steps, first at the start. Arrays (n,), n >= 1, NaN where unknown."""

    steps: Integers
    rounds: Integers
    distance: Floats
    """1 - cosine of the kernel and that of the start."""
    velocity: Floats
    """1 - cosine of the kernel and that of the measurement before, a step."""
    weight_change: Floats
    effective_rank: Floats
    linear_r2: Floats
    """R2 of the net linearised at its start, at the same weights."""
    start_r2: Floats
    """R2 of ridge regression on the kernel of the start, for how the outputs changed; each row by the others."""
    now_r2: Floats
    """The same on the kernel of the step."""
    alignment: Floats
    ridge_score: Floats
    """Accuracy, or R2, of ridge regression on the kernel for the labels; each row by the others."""

    @property
    def gain(self) -> float:
        """How much better ridge regression got by the last kernel than by the first; NaN without labels."""
        return float(self.ridge_score[-1] - self.ridge_score[0])

    @classmethod
    def measure(cls, log: TensorLog) -> Self:
        """Raise Missing unless the recorder was given `kernel=`, at the start of the training."""
        first = log.series("", KERNEL, "distance")
        if not len(first.steps):
            raise Missing(UNRECORDED)
        if first.steps[0] > 0:
            raise Missing(f"the kernel was looked at from step {int(first.steps[0])} on: the start is not known")
        names = ("distance", "velocity", "weight_change", "effective_rank", "linear_r2", "start_r2", "now_r2",
                 "alignment", "ridge_score")  # fmt: skip
        found = (log.series("", KERNEL, name).values for name in names)
        return cls(first.steps, first.rounds, *(v if len(v) else np.full(len(first.steps), np.nan) for v in found))
