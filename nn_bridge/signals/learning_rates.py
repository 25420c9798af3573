"""The learning rate over the rounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from treedebug.core.run.eval_log import RoundLog
from treedebug.engine.resolve import Missing


@dataclass(frozen=True)
class LearningRates:
    """The rate of the first group at the end of the last round."""

    last: float

    @classmethod
    def measure(cls, timing: RoundLog, facts: NetFacts) -> Self:
        """Raise Missing where no rate was recorded."""
        known = timing.learning_rate[np.isfinite(timing.learning_rate)]
        if not len(known) or not facts.optimizers:
            raise Missing("no learning rate was recorded")
        return cls(float(known[-1]))
