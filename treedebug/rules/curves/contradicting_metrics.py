"""CV111 contradicting-metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from treedebug.core.changes import question
from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.curves.metric_agreement import MetricAgreement, Oriented


@dataclass(frozen=True, kw_only=True)
class ContradictingMetrics(Rule):
    """Two validation metrics disagree on the best round, and it matters.

    ## What it does
    Takes every two metrics of the last validation set whose direction is known. Fires when their best rounds lie
    `min_rounds` or more apart and each metric, in the other's best round, falls short of its own best by `min_regret`
    of what it had gained, beyond its noise.
    ## Why is this bad
    Which model is best depends on the metric; whoever stops by one of them gives away the other. Typically the ranking
    (AUC) goes on improving while the probabilities (log loss) are already overconfident.
    ## When to ignore it
    Only one of the metrics matters to you, and it is the one that decides. Or calibrate the probabilities afterwards.
    """

    code = "CV111"
    name = "contradicting-metrics"

    min_regret: float = param(0.1, "shortfall of both metrics, as a share of what they gained", ge=0.0, le=10.0)
    min_rounds: int = param(20, "rounds between the two best ones", ge=1, le=100_000)

    def check(self, rivals: MetricAgreement) -> Iterator[Finding]:
        """Compare each metric at the best round of the other."""
        for first, second in combinations(rivals.curves, 2):
            apart = abs(int(first.rounds[first.best]) - int(second.rounds[second.best]))
            if apart < self.min_rounds or not np.array_equal(first.rounds, second.rounds):
                continue
            early, late = (first, second) if first.best < second.best else (second, first)
            lost, missed = early.shortfall(late.best), late.shortfall(early.best)
            if min(lost, missed) < self.min_regret:
                continue
            at = int(early.rounds[early.best]), int(late.rounds[late.best])
            yield self.finding(
                f"on {rivals.dataset}, {early.metric} is best in round {at[0]} ({_value(early, early.best)}) and "
                f"{late.metric} in round {at[1]} ({_value(late, late.best)}); by then {early.metric} has lost "
                f"{percent(min(lost, 1.0))} of its improvement, while stopping in round {at[0]} misses "
                f"{percent(missed)} of "
                f"{late.metric}'s: choose the metric that decides",
                subject=f"{early.metric} and {late.metric}",
                rounds=at,
                try_next=(question(f"Do you report {early.metric} or {late.metric}? Watch that one alone."),),
                best_rounds={early.metric: at[0], late.metric: at[1]},
                shortfall={early.metric: lost, late.metric: missed},
            )


def _value(curve: Oriented, position: int) -> str:
    value = float(curve.values[position])
    return figure(-value if curve.higher_is_better else value)
