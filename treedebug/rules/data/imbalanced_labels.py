"""DA601 imbalanced-labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure, percent, round_to
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import choose_threshold
from treedebug.rules.data._column_words import MOST, rows
from treedebug.signals.data.checked_tables import ClassLabels


@dataclass(frozen=True, kw_only=True)
class ImbalancedLabels(Rule):
    """A class is rare in the training labels.

    ## What it does
    Compares the share of the smallest class of the training labels with an even share (a half of two classes, a third
    of three). Fires when it is less than `min_even` of that, and the sample weights do not even it out. A warning if
    the rare class has fewer than `few_rows` rows, or the largest one `extreme_ratio` times as many; else info. Says
    which weights would balance the classes.
    ## Why is this bad
    A model that never predicts the rare class looks good by its error rate, and what is measured on a handful of rows
    is mostly chance.
    ## When to ignore it
    You judge by a metric that sees the rare class (log loss, average precision), and each row costs the same.
    """

    code = "DA601"
    name = "imbalanced-labels"
    explains = ("CL401", "CV107", "HP513")

    min_even: float = param(0.2, "share of the rarest class, in even shares (0.2 of a half is one row in ten)", ge=0.0,
                            le=1.0)  # fmt: skip
    extreme_ratio: float = param(
        100.0, "rows of the largest class for each of the smallest, a warning however many rows it has", ge=1.0, le=1e9
    )
    few_rows: int = param(1000, "rows of the rarest class, fewer make it a warning", ge=0, le=1_000_000_000)

    def check(self, labels: ClassLabels) -> Iterator[Finding]:
        """Compare the class counts, and the weights."""
        counts, weights = labels.counts, labels.weights
        k, ratio = len(counts), float(counts.max() / counts.min())
        even, weighed = float(labels.share.min()) * k, float(weights.min() / weights.sum()) * k
        if even >= self.min_even or weighed > max(2.0 * even, self.min_even):
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
    """A threshold chosen on validation rows; or weights, with their price."""
    if len(labels.counts) == 2:
        return (choose_threshold("scale_pos_weight", round_to(float(labels.counts[0] / labels.counts[1]))),)
    return (choose_threshold("class_weight", "balanced"),)
