"""NN934 short-schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding
from treedebug.core.run.rate_log import RateLog
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class ShortSchedule(Rule):
    """A cosine schedule was stepped past its end: the learning rate rises and falls again and again.

    ## What it does
    Reads the schedule handed to the recorder (`scheduler=`). Fires when CosineAnnealingLR was stepped `min_excess`
    times its T_max or more.
    ## Why is this bad
    After T_max steps the rate rises back to its first value. A T_max counted in epochs, but stepped after every batch,
    makes it swing all the time, and the training may end at its highest.
    ## When to ignore it
    Restarts are meant: then say so with CosineAnnealingWarmRestarts.
    """

    code = "NN934"
    name = "short-schedule"

    min_excess: float = param(1.3, "steps of the schedule over T_max", ge=1.0, le=1e6)

    def check(self, log: RateLog) -> Iterator[Finding]:
        """Compare the steps taken with those the schedule was made for."""
        end, taken = log.facts.get("t_max"), log.facts.get("n_observed")
        if not isinstance(end, int) or not isinstance(taken, int) or end < 1:
            raise Missing("the schedule has no T_max")
        if taken < self.min_excess * end:
            return
        yield self.finding(
            f"CosineAnnealingLR has T_max={end} and was stepped {taken} times: past T_max the rate rises again",
            try_next=(Change("T_max", "as many as there are steps", "of the scheduler; or step it once an epoch"),),
            t_max=end,
            taken=taken,
        )
