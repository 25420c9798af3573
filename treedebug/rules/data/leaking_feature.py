"""DA607 leaking-feature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.label_mean_trace import LabelAverage
from treedebug.core.findings import Finding, Severity
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import ask_if_known
from treedebug.rules.data._column_words import MOST, concerned, drop, these
from treedebug.rules.data._label_means import average_told, is_average
from treedebug.signals.data.feature_dependence import LabelDependence


@dataclass(frozen=True, kw_only=True)
class LeakingFeature(Rule):
    """One feature alone predicts the label almost perfectly.

    ## What it does
    Each feature alone is used to predict the label, and scored on rows that were not used to learn it: 0 for nothing, 1
    for perfect (2 AUC - 1, or the share of the variance explained). Fires for the features at the top that score
    `min_score` or more (`min_variance` of a label of numbers), if the next best one leaves at least `min_gap` times as
    much unexplained (`high_gap` times, from `high_score` on) and the two scores lie `min_errors` standard errors apart
    (large ones where a class has few rows). An error from `sure_score` on.

    Also fires, whatever the score, for the mean label of small groups of rows, each row's own label included: its
    values are exact averages of their rows' labels in `min_exact` groups (times 1 + those expected by chance), or are
    steps of 1/size that contradict no row's label, as `min_expected` rows would by chance.
    ## Why is this bad
    Nothing in real life is that easy: most such features are written after the label is known (a closing date, a code
    of the outcome), or are the label in other words. The model is excellent until it meets rows where they are unknown.
    ## When to ignore it
    The feature is known at the time of the prediction, and the task is as easy as that.
    """

    code = "DA607"
    name = "leaking-feature"
    explains = ("DA603", "DA619", "DA627", "CV109", "FT302", "FT306")

    min_score: float = param(0.9, "score of the feature alone", ge=0.0, le=1.0)
    min_variance: float = param(0.85, "the same for a label of numbers", ge=0.0, le=1.0)
    sure_score: float = param(0.98, "score beyond which it is an error", ge=0.0, le=1.0)
    min_gap: float = param(3.0, "what the next best leaves unexplained, over what this one does", ge=1.0, le=1e6)
    high_score: float = param(0.95, "score from which a smaller gap will do", ge=0.0, le=1.0)
    high_gap: float = param(1.7, "the gap from there on", ge=1.0, le=1e6)
    min_errors: float = param(0.5, "distance to the next score, in standard errors of it", ge=0.0, le=100.0)
    min_exact: int = param(6, "groups of rows whose labels average exactly to the feature", ge=2, le=1000000)
    min_expected: float = param(6.0, "contradicting rows by chance, where there are none", ge=1.0, le=1e9)
    max_features: int = param(5, "features that may leak together", ge=1, le=1000)

    def check(self, dependence: LabelDependence) -> Iterator[Finding]:
        """Look for averages of the label, then for a gap in the ranking of the other features."""
        averages = {n: a for n, a in dependence.averages if is_average(a, self.min_exact, self.min_expected)}
        yield from (self._averaged(name, average) for name, average in averages.items())
        scores = [(name, score) for name, score in dependence.scores if name not in averages]
        if not (leaking := self._leaking(scores, dependence)):
            return
        names = [name for name, _ in leaking]
        rest = scores[len(leaking) :]
        then = f"; the next best, {rest[0][0]}, reaches {_told(dependence.value(rest[0][1]))}" if rest else ""
        how = "an AUC" if dependence.metric == "auc" else "an R2"
        yield self.finding(
            f"{these(names, 'alone predicts the label', 'each predict the label alone')}, with {how} of "
            f"{_told(dependence.value(leaking[-1][1]))} (on {dependence.n_rows} rows not used to learn it){then}",
            subject=names[0],
            severity=Severity.ERROR if leaking[0][1] >= self.sure_score else Severity.WARNING,
            try_next=tuple(ask_if_known(name) for name in names),
            **concerned(names),
            scores=dict(leaking[:MOST]),
            next_best=rest[0][1] if rest else None,
        )

    def _averaged(self, name: str, average: LabelAverage) -> Finding:
        return self.finding(
            average_told(name, average, self.min_exact),
            subject=name,
            severity=Severity.ERROR,
            try_next=drop([name], "or compute the mean without the row itself, or out of fold"),
            **concerned([name]),
            size=average.size,
        )

    def _leaking(self, scores: list[tuple[str, float]], dependence: LabelDependence) -> list[tuple[str, float]]:
        """The top features before the widest gap, if there is one; several must be sure, each by itself."""
        for k in range(min(self.max_features, len(scores)), 0, -1):
            least = scores[k - 1][1]
            following = scores[k][1] if k < len(scores) else 0.0
            needed = self.sure_score if k > 1 else self.min_score if dependence.metric == "auc" else self.min_variance
            gap = self.high_gap if least >= self.high_score else self.min_gap
            apart = least - following >= self.min_errors * dependence.error(following)
            if apart and least >= needed and 1.0 - following >= gap * (1.0 - least):
                return scores[:k]
        return []


def _told(value: float) -> str:
    return "over 0.999" if value > 0.999 else f"{max(value, 0.0):.3g}"
