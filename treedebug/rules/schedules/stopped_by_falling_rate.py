"""SC006 stopped-by-falling-rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure
from treedebug.engine.rule import Rule, param
from treedebug.signals.curves.training_end import Ending
from treedebug.signals.schedules.scheduled_rates import ScheduledRates


@dataclass(frozen=True, kw_only=True)
class StoppedByFallingRate(Rule):
    """Early stopping ended the training while a falling rate made improvements small.

    ## What it does
    Fires (info) when early stopping ended a training whose rate had fallen under `max_rate` of its highest.
    ## Why is this bad
    Early stopping counts rounds. At a tenth of the rate a round can bring a tenth only: patience that was right at the
    start is short at the end, and a `min_delta` may be out of reach.
    ## When to ignore it
    The schedule fell because nothing improved any more.
    """

    code = "SC006"
    name = "stopped-by-falling-rate"
    severity: ClassVar[Severity] = Severity.INFO

    max_rate: float = param(0.2, "last rate over the highest", ge=0.0, le=1.0)

    def check(self, rates: ScheduledRates, ending: Ending) -> Iterator[Finding]:
        """Compare the rate at the end with the highest."""
        highest, last = float(rates.rates.max()), float(rates.rates[-1])
        if not ending.stopped_early or ending.patience is None or last > self.max_rate * highest:
            return
        longer = max(round(ending.patience * highest / max(last, 1e-12)), ending.patience + 1)
        yield self.finding(
            f"early stopping ended the training after {ending.patience} rounds without an improvement, at a rate of "
            f"{figure(last)}; it had been {figure(highest)}: rounds bring less then",
            try_next=(Change("early_stopping_rounds", min(longer, 10 * ending.patience), "as many small steps"),),
            last_rate=last,
            highest_rate=highest,
        )
