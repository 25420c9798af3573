"""How the learning rate went over a network's training, weighted by its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from treedebug.core.run.eval_log import RoundLog
from treedebug.engine.resolve import Missing

_NOTHING = 1e-3
"""A rate under this share of the highest moves next to nothing."""


@dataclass(frozen=True)
class RateCourse:
    """The rate of the first group at the end of each round."""

    highest: float
    last: float
    first: float
    n_rounds: int
    idle_share: float
    """Share of the steps, at the end, under a thousandth of the highest rate."""
    only_rose: bool
    """No round's rate is under the one before, and the last stands over the first."""

    @classmethod
    def measure(cls, timing: RoundLog, facts: NetFacts) -> Self:
        """Raise Missing where no rate was recorded."""
        rates, ends = timing.learning_rate, timing.iterations
        if not facts.optimizers or not len(rates) or not np.isfinite(rates).all():
            raise Missing("no learning rate was recorded")
        steps = np.diff(ends, prepend=0)
        alive = np.flatnonzero(rates > _NOTHING * rates.max())
        after = int(alive[-1]) + 2 if len(alive) else 0  # in the round between, the rate fell
        total = max(float(steps.sum()), 1.0)
        return cls(
            highest=float(rates.max()),
            last=float(rates[-1]),
            first=float(rates[0]),
            n_rounds=len(rates),
            idle_share=float(steps[after:].sum()) / total,
            only_rose=bool((np.diff(rates) >= 0).all() and rates[-1] > rates[0]),
        )
