"""NN932 unfinished-warmup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nn_bridge.signals.rate_course import RateCourse
from treedebug.core.findings import Change, Finding
from treedebug.core.run.rate_log import RateLog
from treedebug.core.run.run_data import RunView
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class UnfinishedWarmup(Rule):
    """The learning rate was still being warmed up when the training ended.

    ## What it does
    Fires at the end of a training whose rate rose, and only rose, to `min_rise` times that of its first round.
    Schedules that raise the rate for a reason of their own (GreedyLR) are left alone.
    ## Why is this bad
    The warm-up was made for more steps than were taken: the training never had the rate it was meant to have, and no
    decay either.
    ## When to ignore it
    You search for a rate by raising it (a learning rate finder), or will go on.
    """

    code = "NN932"
    name = "unfinished-warmup"

    min_rise: float = param(3.0, "last learning rate over that of the first round", ge=1.0, le=1e6)
    min_rounds: int = param(4, "rounds before there is anything to judge", ge=1, le=100_000)

    def check(self, course: RateCourse, view: RunView, log: RateLog | None) -> Iterator[Finding]:
        """Compare the ends."""
        greedy = log is not None and log.facts.get("schedule") in ("GreedyLR", "LearnedSchedule")
        if not view.final or greedy or course.n_rounds < self.min_rounds or not course.only_rose:
            return
        if course.last < self.min_rise * course.first:
            return
        yield self.finding(
            f"the learning rate rose from {short(course.first)} to {short(course.last)} and never fell: the warm-up "
            "did not come to its end",
            try_next=(
                Change("scheduler.step()", "after every step", "of the optimizer, if the schedule counts these"),
                Change("warmup_steps", "a twentieth of all steps", "and total steps as many as are made"),
            ),
            first_rate=course.first,
            last_rate=course.last,
        )
