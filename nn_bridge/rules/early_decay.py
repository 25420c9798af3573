"""NN931 early-decay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nn_bridge.signals.rate_course import RateCourse
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import percent
from treedebug.core.run.run_data import RunView
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class EarlyDecay(Rule):
    """The learning rate was down to nothing long before the training ended.

    ## What it does
    Fires at the end of a training whose rate lay under a thousandth of its highest in the last `min_share` of the
    steps.
    ## Why is this bad
    These steps cost as much as the others and move next to nothing. The schedule was made for fewer steps than were
    taken: total steps counted in epochs, without accumulation, or of an earlier run that was resumed.
    ## When to ignore it
    The rate was brought down on purpose, to average or to evaluate.
    """

    code = "NN931"
    name = "early-decay"

    min_share: float = param(0.2, "share of the steps", ge=0.0, le=1.0)
    min_rounds: int = param(4, "rounds before there is anything to judge", ge=1, le=100_000)

    def check(self, course: RateCourse, view: RunView) -> Iterator[Finding]:
        """Look at the last steps."""
        if not view.final or course.n_rounds < self.min_rounds or course.idle_share < self.min_share:
            return
        yield self.finding(
            f"the learning rate was under a thousandth of its highest ({short(course.highest)}) in the last "
            f"{percent(course.idle_share)} of the steps: they moved next to nothing",
            try_next=(Change("total_steps", "as many as are taken", "so that the decay ends with the training"),),
            idle_share=course.idle_share,
            highest=course.highest,
        )
