"""How many times longer the steps could be, along the training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

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
    rate: Floats
    """The learning rate of the step, as a share of the largest so far; 1 where it is not recorded."""

    @classmethod
    def measure(cls, log: TensorLog, loss: StepLoss) -> Self:
        """Raise Missing unless the recorder was given `headroom=`."""
        series = log.series("", OPTIMIZER, "headroom")
        if not len(series.steps):
            raise Missing(
                "needs the loss of the batch once more: TorchRecorder(..., headroom=lambda: criterion(model(x), y))"
            )
        at = series.steps
        return cls(at, series.rounds, series.values, loss.left(at), _rate(log, at))


def _rate(log: TensorLog, steps: Integers) -> Floats:
    table = log.table(OPTIMIZER, "learning_rate")
    if not len(table.steps):
        return np.ones(len(steps))
    rates = np.nanmax(table.values, axis=1)
    at = np.clip(np.searchsorted(table.steps, steps, side="right") - 1, 0, len(rates) - 1)
    return np.asarray(rates[at] / np.maximum(np.fmax.accumulate(rates)[at], 1e-300))
