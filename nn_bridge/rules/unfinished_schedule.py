"""NN930 unfinished-schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.signals.rate_course import RateCourse
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.run.run_data import RunView
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short

_HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class UnfinishedSchedule(Rule):
    """The training ended with the schedule of the learning rate half way.

    ## What it does
    Judges OneCycleLR, which leaves its peak in the optimizer. Fires (info) when the learning rate at the end of the
    training is still `min_share` of the peak or more; a warning where it never came to half of the peak.
    ## Why is this bad
    The schedule is stepped once an epoch instead of once a step, or was made for more steps: the phase of small steps,
    in which most is gained, never comes.
    ## When to ignore it
    The training will be continued.
    """

    code = "NN930"
    name = "unfinished-schedule"
    severity: ClassVar[Severity] = Severity.INFO
    explains: ClassVar[tuple[str, ...]] = ("NN932",)

    min_share: float = param(0.3, "last learning rate over the peak", ge=0.0, le=1.0)
    min_rounds: int = param(4, "rounds before a rate that is still low is judged", ge=1, le=100_000)

    def check(self, rates: RateCourse, facts: NetFacts, view: RunView) -> Iterator[Finding]:
        """Compare the last rate with the peak."""
        peaks = [g["max_lr"] for o in facts.optimizers for g in o.groups if isinstance(g.get("max_lr"), int | float)]
        has_begun = bool(peaks) and rates.highest < _HALF * max(peaks) and rates.n_rounds >= self.min_rounds
        if not view.final or not peaks or not (has_begun or rates.last >= self.min_share * max(peaks)):
            return
        yield self.finding(
            f"the learning rate ended at {short(rates.last)}, its peak being {short(max(peaks))}: the schedule "
            + ("never came to half of it" if has_begun else "did not come to its end"),
            severity=Severity.WARNING if has_begun else None,
            try_next=(Change("scheduler.step()", "after every step", "and total_steps as many as are made"),),
            last_rate=rates.last,
            peak=float(max(peaks)),
        )
