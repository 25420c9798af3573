"""SC004 watched-training-loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.signals.schedules.scheduled_rates import ScheduledRates

_BOOSTERS = ("xgboost", "lightgbm")


@dataclass(frozen=True, kw_only=True)
class WatchedTrainingLoss(Rule):
    """A schedule that may raise the rate of a booster watches the training loss.

    ## What it does
    Fires on a boosted training whose schedule observes the training data and has `min_rise` or more of room above its
    first rate.
    ## Why is this bad
    A booster's training loss falls in nearly every round, at any rate: the schedule climbs to its ceiling and the
    booster overfits. On six tables the last round was 41 % worse than a tuned constant's best.
    ## When to ignore it
    You study how a greedy rate overfits, and read no score of it.
    """

    code = "SC004"
    name = "watched-training-loss"

    min_rise: float = param(1.5, "ceiling over the first rate", ge=1.0, le=1000.0)

    def check(self, rates: ScheduledRates, header: Header) -> Iterator[Finding]:
        """Look at what is watched, and whether the rate may rise."""
        room = (
            rates.ceiling is not None and rates.initial is not None and rates.ceiling >= self.min_rise * rates.initial
        )
        if header.library not in _BOOSTERS or not rates.watches_training or rates.watch is None or not room:
            return
        yield self.finding(
            f"{rates.schedule} watches {rates.watch[0]} {rates.watch[1]}, the training loss, which falls at any rate: "
            f"it will climb to its ceiling of {figure(rates.ceiling or 0.0)} "
            f"(it stands at {figure(float(rates.rates.max()))})",
            try_next=(Change("watch", "a validation set", "rows that the trees are not built on"),),
            ceiling=rates.ceiling,
        )
