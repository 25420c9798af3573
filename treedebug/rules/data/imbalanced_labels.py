"""DA601 imbalanced-labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import figure, percent, round_to
from treedebug.rules.columns import MOST, rows
from treedebug.signals.data import ClassLabels


@dataclass(frozen=True, kw_only=True)
class ImbalancedLabels(Rule):
    """A class is rare in the training labels.

    ## What it does
    Compares the rows of the largest and the smallest class of the training labels. Fires when the ratio is `max_ratio`
    or more, and the sample weights do not even it out. A warning if the rare class has fewer than `few_rows` rows, or
    `extreme_ratio` is reached; else info. Says which weights would balance the classes.
    ## Why is this bad
    A model that never predicts the rare class looks good by its error rate, and what is measured on a handful of rows
    is mostly chance.
    ## When to ignore it
    You judge by a metric that sees the rare class (log loss, average precision), and each row costs the same.
    """

    code = "DA601"
    name = "imbalanced-labels"
    explains = ("CL401",)

    max_ratio: float = param(10.0, "rows of the largest class for each row of the smallest", ge=1.0, le=1e9)
    extreme_ratio: float = param(100.0, "the same, however many rows the smallest class has", ge=1.0, le=1e9)
    few_rows: int = param(1000, "rows of the rarest class, fewer make it a warning", ge=0, le=1_000_000_000)

    def check(self, labels: ClassLabels) -> Iterator[Finding]:
        """Compare the class counts, and the weights."""
        counts, weights = labels.counts, labels.weights
        ratio = float(counts.max() / counts.min())
        if ratio < self.max_ratio or float(weights.max() / weights.min()) < min(ratio / 2, self.max_ratio):
            return
        rare = int(counts.argmin())
        serious = counts[rare] < self.few_rows or ratio >= self.extreme_ratio
        yield self.finding(
            f"class {labels.names[rare]} has {rows(int(counts[rare]))} of {int(counts.sum())} "
            f"({percent(float(labels.share[rare]))}), {figure(ratio)} times fewer than the largest class, "
            f"{labels.names[int(counts.argmax())]}",
            subject=f"class {labels.names[rare]}",
            severity=Severity.WARNING if serious else Severity.INFO,
            try_next=_answers(labels),
            ratio=ratio,
            n_classes=len(counts),
            counts=dict(zip(labels.names[:MOST], counts.tolist(), strict=False)),
            shares=dict(zip(labels.names[:MOST], labels.share.tolist(), strict=False)),
            class_weight={name: round_to(w) for name, w in list(labels.balancing.items())[:MOST]},
        )


def _answers(labels: ClassLabels) -> tuple[Change, ...]:
    """A weight for the positives, or weights for all classes."""
    if len(labels.counts) == 2:  # noqa: PLR2004
        weight = round_to(float(labels.counts[0] / labels.counts[1]))
        return (Change("scale_pos_weight", weight, f"rows of class {labels.names[0]} for each of {labels.names[1]}"),)
    return (Change("class_weight", "balanced", "each class the same weight in all"),)
