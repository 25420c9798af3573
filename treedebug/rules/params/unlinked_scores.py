"""HP521 unlinked-scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure, listed
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.signals.curves.metric_facts import base_name
from treedebug.signals.params.own_gradient import OwnGradient
from treedebug.signals.params.watched_sets import WatchedSets

_PROBABILITIES = ("binary_logloss", "binary_error", "multi_logloss", "cross_entropy", "kullback_leibler")
_TAKE = "p = 1 / (1 + exp(-score)); the chain rule then multiplies the gradient by p (1 - p)"


@dataclass(frozen=True, kw_only=True)
class UnlinkedScores(Rule):
    """Raw scores are taken for probabilities, by the user's own objective or by a metric beside it.

    ## What it does
    Looks at a LightGBM training with an objective of the user's own. Fires if its labels are 0 and 1, no row has a
    weight, and a gradient is `min_gradient` or larger, or is no number: that comes of dividing by a score, or of its
    logarithm, as if it were a probability (a log loss by its score has gradients between -1 and 1). And if a metric of
    LightGBM's is watched that wants probabilities: with an own objective LightGBM hands it raw scores.
    ## Why is this bad
    Scores are log odds, below 0 and above 1. Without a sigmoid the objective pulls them to where it is not defined,
    and a log loss or error rate of raw scores says nothing: early stopping by it ends anywhere.
    ## When to ignore it
    You fit 0 and 1 by an own squared error, so that scores are probabilities.
    """

    code = "HP521"
    name = "unlinked-scores"
    explains: ClassVar[tuple[str, ...]] = (
        "CL407", "CV101", "CV102", "CV103", "CV104", "CV105", "CV106", "CV107", "CV109", "CV111", "CV112", "HP509",
        "HP510", "HP512", "HP513", "TR203", "TR204", "TR205", "TR206", "TR210", "FT302", "FT303", "FT306", "DA622",
    )  # fmt: skip

    min_gradient: float = param(1000.0, "gradient of a row whose label is 0 or 1", ge=1.0, le=1e300)

    def check(self, header: Header, guard: WatchedSets, own: OwnGradient | None) -> Iterator[Finding]:
        """Look at the gradients, then at the metrics."""
        if header.library != "lightgbm" or header.objective != "custom":
            return
        if own is not None and own.two_labels and (own.n_not_finite or own.largest >= self.min_gradient):
            size = "is no number" if own.n_not_finite else f"goes up to {figure(own.largest)}"
            yield self.finding(
                f"the gradient of your own objective {size}, with labels 0 and 1: it takes raw scores for "
                "probabilities; take the sigmoid of the score first",
                subject="gradient",
                severity=Severity.ERROR,
                try_next=(question(f"Does the objective begin with {_TAKE}?"),),
                largest=own.largest,
            )
        wrong = [m for m in guard.metrics if base_name(m) in _PROBABILITIES]
        if wrong:
            stops = "; early stopping goes by that" if guard.patience else ""
            yield self.finding(
                f"{listed(wrong)} wants probabilities, and beside an own objective LightGBM hands it raw scores: its "
                f"values mean nothing{stops}",
                subject=wrong[0],
                try_next=(
                    question("Give an own metric as feval, which takes the sigmoid first, or watch metric='auc'."),
                ),
                metrics=wrong,
            )
