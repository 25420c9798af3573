"""How many times longer the steps could be, along the training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from nn_bridge.record.tensor_streams import OPTIMIZER, Floats, Integers, TensorLog
from nn_bridge.signals.sampled_steps import StepLoss
from treedebug.engine.resolve import Missing


@dataclass(frozen=True, eq=False)
class HeadroomCourse:
    """The headroom of sampled steps. Arrays (n,), n >= 1."""

    steps: Integers
    rounds: Integers
    values: Floats
    """How many times longer the step could be before the loss of its batch rises above what it was before the step."""
    left: Floats
    """The training loss of the step, as a share of the first."""

    @classmethod
    def measure(cls, log: TensorLog, loss: StepLoss) -> Self:
        """Raise Missing unless the recorder was given `headroom=`."""
        series = log.series("", OPTIMIZER, "headroom")
        if not len(series.steps):
            raise Missing(
                "needs the loss of the batch once more: TorchRecorder(..., headroom=lambda: criterion(model(x), y))"
            )
        return cls(series.steps, series.rounds, series.values, loss.left(series.steps))
