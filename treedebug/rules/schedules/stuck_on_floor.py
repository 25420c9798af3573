"""SC003 stuck-on-floor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import RunView
from treedebug.engine.rule import Rule, param
from treedebug.signals.schedules.scheduled_rates import ScheduledRates


@dataclass(frozen=True, kw_only=True)
class StuckOnFloor(Rule):
    """The schedule's rate lay on its floor for most of the training.

    ## What it does
    Fires at the end when the rate was the schedule's `min_lr` in `min_share` of the rounds, and it began above it.
    ## Why is this bad
    The schedule gave up early: rounds at the floor cost as much as others and move little. Either there was nothing
    left to gain, and the training was too long, or noise between observations was taken for failure.
    ## When to ignore it
    You let a training run on at its floor in place of early stopping.
    """

    code = "SC003"
    name = "stuck-on-floor"

    min_share: float = param(0.5, "share of the rounds on the floor", ge=0.0, le=1.0)
    min_rounds: int = param(10, "rounds before there is anything to judge", ge=1, le=100_000)

    def check(self, rates: ScheduledRates, view: RunView) -> Iterator[Finding]:
        """Count the rounds on the floor."""
        share = rates.share_at(rates.floor)
        moves = rates.initial is not None and rates.floor is not None and rates.floor < rates.initial
        if not view.final or len(rates.rates) < self.min_rounds or not moves or share < self.min_share:
            return
        n = round(share * len(rates.rates))
        yield self.finding(
            f"{rates.schedule} lay on its floor of {figure(rates.floor or 0.0)} in {n} of {len(rates.rates)} rounds: "
            "it found no improvement early on",
            try_next=(
                Change("early stopping", "on", "rounds on the floor bring little"),
                Change("window", 10, "compare means, if the metric is noisy"),
            ),
            share=share,
            floor=rates.floor,
        )
