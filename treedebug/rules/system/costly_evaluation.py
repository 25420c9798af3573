"""SY804 costly-evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure, listed, percent
from treedebug.core.run.eval_log import EvalLog
from treedebug.engine.rule import Rule, param
from treedebug.signals.system.round_timing import EvaluationTime


@dataclass(frozen=True, kw_only=True)
class CostlyEvaluation(Rule):
    """The metrics cost more than the training.

    ## What it does
    Compares the time from the end of each boosting step to the recorder (metrics, and callbacks that come before it)
    with the whole time of the rounds, the first one left out. Fires if its share is `max_share` or more and it took
    `min_seconds` in all: info, and a warning from `warn_seconds` or `warn_share` on.
    ## Why is this bad
    Most of the time is not spent learning. A metric written in Python is usually the reason, or a training set that
    is evaluated in full every round.
    ## When to ignore it
    You need the metric in every round, for instance because early stopping goes by it.
    """

    code = "SY804"
    name = "costly-evaluation"

    max_share: float = param(0.5, "share of the time that is worth knowing", ge=0.0, le=1.0)
    min_seconds: float = param(0.5, "seconds of evaluation", ge=0.0, le=1e9)
    warn_share: float = param(0.6, "share of the time that is a warning", ge=0.0, le=1.0)
    warn_seconds: float = param(60.0, "seconds of evaluation that are a warning", ge=0.0, le=1e9)

    def check(self, time: EvaluationTime, evals: EvalLog) -> Iterator[Finding]:
        """Compare the two times."""
        if time.share < self.max_share or time.evaluation < self.min_seconds:
            return
        curves = [f"{metric} on {dataset}" for dataset, metric in evals.keys()]  # not a mapping
        heavy = time.share >= self.warn_share or time.evaluation >= self.warn_seconds
        yield self.finding(
            f"evaluation ({listed(curves, 3)}) and callbacks took {figure(time.evaluation)} of {figure(time.seconds)} "
            f"s ({percent(time.share)}): watch fewer metrics, or fewer rows",
            severity=Severity.WARNING if heavy else Severity.INFO,
            try_next=(Change("evals", ["valid"], "the validation set alone, or some of its rows"),),
            share=time.share,
            evaluation_seconds=time.evaluation,
            seconds=time.seconds,
            n_curves=len(curves),
        )
