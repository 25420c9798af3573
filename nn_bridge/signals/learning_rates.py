"""The learning rates of the sampled steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.tensor_streams import OPTIMIZER, TensorLog
from treedebug.engine.resolve import Missing


@dataclass(frozen=True)
class LearningRates:
    """The largest rate of all groups in the last sampled step."""

    last: float

    @classmethod
    def measure(cls, log: TensorLog) -> Self:
        """Raise Missing where no rate was recorded."""
        table = log.table(OPTIMIZER, "learning_rate")
        known = table.values[np.isfinite(table.values).any(axis=1)] if len(table.steps) else table.values
        if not len(known):
            raise Missing("no learning rate was recorded")
        return cls(float(np.nanmax(known[-1])))
