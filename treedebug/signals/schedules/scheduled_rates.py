"""What a schedule did to the learning rate over the rounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.eval_log import RoundLog
from treedebug.core.run.rate_log import RateLog
from treedebug.engine.resolve import Missing


@dataclass(frozen=True, eq=False)
class ScheduledRates:
    """The rates of a training with a schedule, and the schedule's own facts."""

    schedule: str
    """Its class, such as GreedyLR."""
    rates: NDArray[np.float64]
    """(n,) the rate of each recorded round."""
    rounds: NDArray[np.int64]
    """(n,) those rounds."""
    floor: float | None
    ceiling: float | None
    """The bounds it was given, where it has any."""
    initial: float | None
    least_observations: int | None
    """Observations before it can change the rate."""
    n_observed: int
    planned: int | None
    """Observations planned."""
    watch: tuple[str, str] | None
    watches_training: bool

    @classmethod
    def measure(cls, log: RateLog, timing: RoundLog) -> Self:
        """Raise Missing without a schedule, or before its first round."""
        known = np.isfinite(timing.learning_rate)
        if not log.facts or not known.any():
            raise Missing("no learning rate was recorded")
        facts = _flat(log.facts)
        watch = facts.get("watch")
        return cls(
            schedule=str(facts.get("schedule", "schedule")),
            rates=timing.learning_rate[known],
            rounds=timing.rounds[known],
            floor=_number(facts.get("min_lr")),
            ceiling=_number(facts.get("max_lr")),
            initial=_number(facts.get("initial")),
            least_observations=_count(facts.get("least_observations")),
            n_observed=_count(facts.get("n_observed")) or len(timing.rounds),
            planned=_count(facts.get("n_rounds")),
            watch=(str(watch[0]), str(watch[1])) if isinstance(watch, list | tuple) and len(watch) == 2 else None,
            watches_training=facts.get("watches_training") is True,
        )

    def share_at(self, bound: float | None) -> float:
        """Return the share of the rounds whose rate is the bound; 0 without one."""
        return 0.0 if bound is None else float(np.isclose(self.rates, bound, rtol=1e-6, atol=0.0).mean())


def _flat(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts, those of a schedule within another one under them."""
    inner = facts.get("inner")
    return {**(_flat(inner) if isinstance(inner, Mapping) else {}), **facts}


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
