"""SC002 stuck-at-ceiling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import RunView
from treedebug.engine.rule import Rule, param
from treedebug.signals.schedules.scheduled_rates import ScheduledRates


@dataclass(frozen=True, kw_only=True)
class StuckAtCeiling(Rule):
    """The schedule's rate stood at its ceiling for most of the training.

    ## What it does
    Fires at the end when the rate was the schedule's `max_lr` in `min_share` of the rounds, and the schedule could have
    moved it.
    ## Why is this bad
    The ceiling decides, not the schedule. What is watched improves whatever the rate: a training loss does, and so does
    a validation loss far from its end. Trees built at a high rate cannot be taken back.
    ## When to ignore it
    The ceiling is the rate you wanted, reached by a warm-up.
    """

    code = "SC002"
    name = "stuck-at-ceiling"

    min_share: float = param(0.5, "share of the rounds at the ceiling", ge=0.0, le=1.0)
    min_rounds: int = param(10, "rounds before there is anything to judge", ge=1, le=100_000)

    def check(self, rates: ScheduledRates, view: RunView) -> Iterator[Finding]:
        """Count the rounds at the ceiling."""
        share = rates.share_at(rates.ceiling)
        moves = rates.initial is not None and rates.ceiling is not None and rates.ceiling > rates.initial
        if not view.final or len(rates.rates) < self.min_rounds or not moves or share < self.min_share:
            return
        n = round(share * len(rates.rates))
        yield self.finding(
            f"{rates.schedule} held the rate at its ceiling of {figure(rates.ceiling or 0.0)} in {n} of "
            f"{len(rates.rates)} rounds: the ceiling decides, not the schedule",
            try_next=(
                Change("max_lr", 2.0 * (rates.initial or 0.0), "a ceiling nearer to the start"),
                Change("watch", "a validation set", "a training loss improves at any rate"),
            ),
            share=share,
            ceiling=rates.ceiling,
        )
