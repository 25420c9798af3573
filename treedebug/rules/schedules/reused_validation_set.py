"""SC005 reused-validation-set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.run.eval_log import EvalLog
from treedebug.core.run.run_data import RunView
from treedebug.engine.rule import Rule, param
from treedebug.signals.schedules.scheduled_rates import ScheduledRates


@dataclass(frozen=True, kw_only=True)
class ReusedValidationSet(Rule):
    """The set that chose the rate of every round is the only one there is to report.

    ## What it does
    Fires (info) at the end of a training whose schedule changed the rate `min_changes` times by the metric of a
    validation set, when no other set but the training data was evaluated.
    ## Why is this bad
    The schedule has chosen each rate by that score, as early stopping chooses the round: it is optimistic, and says
    little of new rows.
    ## When to ignore it
    You report the score of rows that this training never saw.
    """

    code = "SC005"
    name = "reused-validation-set"
    severity: ClassVar[Severity] = Severity.INFO

    min_changes: int = param(3, "changes of the rate", ge=1, le=100_000)

    def check(self, rates: ScheduledRates, evals: EvalLog, view: RunView) -> Iterator[Finding]:
        """Look for a set that the schedule has not seen."""
        if not view.final or rates.watch is None or rates.watches_training:
            return
        changes = int((rates.rates[1:] != rates.rates[:-1]).sum())
        others = [d for d in evals.datasets() if d != rates.watch[0] and not evals.is_training(d)]
        if changes < self.min_changes or others or rates.watch[0] not in evals.datasets():
            return
        yield self.finding(
            f"{rates.schedule} chose the rate {changes} times by {rates.watch[1]} on {rates.watch[0]}, and no other "
            "set was evaluated: that score is optimistic",
            try_next=(Change("evals", "a third set", "rows that neither schedule nor stopping has seen"),),
            n_changes=changes,
        )
