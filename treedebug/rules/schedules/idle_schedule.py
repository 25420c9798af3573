"""SC001 idle-schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding
from treedebug.core.run.run_data import Header, RunView
from treedebug.engine.rule import Rule, param
from treedebug.signals.schedules.scheduled_rates import ScheduledRates


@dataclass(frozen=True, kw_only=True)
class IdleSchedule(Rule):
    """The schedule waits longer than the training lasts: its rate is a constant.

    ## What it does
    A schedule that goes by a metric changes the rate after `patience` observations at the earliest. Fires when no more
    than `min_chances` times that many observations are planned, or were made by the end.
    ## Why is this bad
    The schedule never acts, and the training is one at a constant rate without anybody knowing. The Trainer of
    transformers observes once an evaluation: ten evaluations are too few for a patience of 10.
    ## When to ignore it
    You want the rate to move only in an emergency.
    """

    code = "SC001"
    name = "idle-schedule"

    min_chances: float = param(1.0, "observations, as a multiple of those needed for a change", ge=0.0, le=100.0)

    def check(self, rates: ScheduledRates, header: Header, view: RunView) -> Iterator[Finding]:
        """Compare what is waited for with what comes."""
        needed = rates.least_observations
        planned = header.planned_rounds if rates.watch is not None else None
        n = rates.n_observed if view.final else planned
        if needed is None or n is None or n >= needed * self.min_chances:
            return
        yield self.finding(
            f"{rates.schedule} changes the rate after {needed} observations at the earliest, and this training "
            f"{'made' if view.final else 'plans'} {n}: the rate is constant",
            try_next=(Change("patience", max(n // 10, 1), "or observe more often"),),
            needed=needed,
            n_observations=n,
        )
