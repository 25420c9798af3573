"""CL401 imbalanced-classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.params.user_spelling import spelled
from treedebug.core.phrases import figure, percent, round_to
from treedebug.core.run.eval_log import EvalLog
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import choose_threshold, reweighted
from treedebug.signals.classes.class_balance import LabelBalance
from treedebug.signals.curves.metric_facts import is_coarse


@dataclass(frozen=True, kw_only=True)
class ImbalancedClasses(Rule):
    """A class is rare in the training labels, and nothing answers to it.

    ## What it does
    Compares the rows of the largest and the smallest class (classes without any row left out). Fires when the ratio
    is `max_ratio` or more, the sample weights do not even it out, neither `scale_pos_weight` nor `is_unbalance` is
    set, and every metric watched only counts hits (`error`, `accuracy`), which a model that ignores the rare class
    does well in. Info if no metric is watched at all.
    ## Why is this bad
    A model that never predicts the rare class looks good, and early stopping may choose it.
    ## When to ignore it
    Each row really costs the same, whatever its class.
    """

    code = "CL401"
    name = "imbalanced-classes"
    explains: ClassVar[tuple[str, ...]] = ("CV101", "CV107", "HP513", "CL403", "CL404")

    max_ratio: float = param(10.0, "rows of the largest class for each row of the smallest", ge=1.0, le=1e9)

    def check(self, labels: LabelBalance, evals: EvalLog, header: Header) -> Iterator[Finding]:
        """Compare the class shares, then look for an answer."""
        metrics = evals.metrics()
        if labels.ratio < self.max_ratio or labels.weighted_ratio < min(labels.ratio / 2, self.max_ratio):
            return
        if reweighted(header) or any(not is_coarse(m) for m in metrics):
            return
        present = np.flatnonzero(labels.counts > 0)
        rare = int(present[labels.counts[present].argmin()])
        yield self.finding(
            f"class {rare} has {int(labels.counts[rare])} of {int(labels.counts.sum())} rows "
            f"({percent(float(labels.share[rare]))}), {figure(labels.ratio)} times fewer than the largest class, and "
            + (f"{', '.join(metrics)} hardly moves when it is missed" if metrics else "no watched metric shows it"),
            subject=f"class {rare}",
            severity=Severity.WARNING if metrics else Severity.INFO,
            try_next=_answers(header, labels),
            ratio=labels.ratio,
            share=labels.share,
            metrics=metrics,
        )


def _answers(header: Header, labels: LabelBalance) -> tuple[Change, ...]:
    """A metric that sees the rare class, and a weight for it."""
    binary = len(labels.counts) == 2
    lightgbm = header.library == "lightgbm"
    names = ("binary_logloss", "multi_logloss") if lightgbm else ("aucpr", "mlogloss")
    metric = Change("metric" if lightgbm else "eval_metric", names[0 if binary else 1], "sees the rare class")
    if not binary or not labels.counts.min() > 0:
        return (metric,)
    weight = round_to(float(labels.counts[0] / labels.counts[1]))
    return (metric, choose_threshold(spelled(header, "scale_pos_weight"), weight))
