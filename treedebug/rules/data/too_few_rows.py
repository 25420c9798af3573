"""DA624 too-few-rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_profile import CLASSES
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import listed
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, rows
from treedebug.signals.data.checked_tables import PARTIAL

_CHANCE = ("DA601", "DA603", "DA604", "DA607", "DA610", "DA611", "DA612", "DA615", "DA619")
"""What chance makes of a few rows."""


@dataclass(frozen=True, kw_only=True)
class TooFewRows(Rule):
    """There are too few rows: in all, for the number of features, or of a class.

    ## What it does
    Fires when the training data have fewer than `min_rows` rows, fewer than `per_feature` for each feature, or a class
    with fewer than `per_class`; and when another set has fewer than `min_valid`. An error where there is no row at all.
    A rarest class with fewer rows than there are features is worth knowing.
    ## Why is this bad
    With as many features as rows some feature separates any labels by chance. Of a class with a handful of rows, the
    folds of a cross-validation have none or one. A score on a few rows is mostly chance.
    ## When to ignore it
    You try out code on a few rows, and look at no score.
    """

    code = "DA624"
    name = "too-few-rows"

    min_rows: int = param(50, "training rows", ge=1, le=1_000_000_000)
    per_feature: float = param(2.0, "training rows for each feature", ge=0.0, le=1e6)
    per_class: int = param(10, "training rows of each class", ge=1, le=1_000_000)
    min_valid: int = param(20, "rows of another set", ge=1, le=1_000_000_000)

    def check(self, sets: DataSets) -> Iterator[Finding]:
        """Count."""
        train = sets.train
        if train.is_partial:
            raise Missing(PARTIAL)
        if train.n_rows == 0:
            yield self.finding("the training data have no rows", subject="rows", severity=Severity.ERROR, n_rows=0)
            return
        if train.n_rows < max(self.min_rows, self.per_feature * train.n_columns):
            columns = "feature" if train.n_columns == 1 else "features"
            yield self.finding(
                f"{rows(train.n_rows)} for {train.n_columns} {columns}: chance looks like a pattern",
                subject="rows", explains=_CHANCE, n_rows=train.n_rows, n_columns=train.n_columns,
                try_next=(Change("folds", min(train.n_rows, 10), "cross-validate, and repeat it"),),
            )  # fmt: skip
        for name, other in sets.others.items():
            if other.n_rows < self.min_valid:
                yield self.finding(
                    f"{name} has {rows(other.n_rows)}: a score on them is mostly chance",
                    subject=name, n_rows=other.n_rows, severity=None if other.n_rows else Severity.ERROR,
                )  # fmt: skip
        yield from self._classes(train)

    def _classes(self, train: DataProfile) -> Iterator[Finding]:
        label = train.label
        if label is None or label.kind != CLASSES:
            return
        rare = sorted((c for c in label.classes if 0 < c.count < self.per_class), key=lambda c: c.count)
        least = min((c.count for c in label.classes if c.count), default=0)
        if rare:
            phrases = [f"{c.value} ({rows(c.count)})" for c in rare]
            yield self.finding(
                f"too few rows of class {listed(phrases)}: folds and validation have next to none",
                subject="classes", n_classes=len(rare),
                counts={str(c.value): c.count for c in rare[:MOST]},
                try_next=_answer(rare[0].count, self.per_class),
            )  # fmt: skip
        elif least < train.n_columns and label.n_classes > 1:
            yield self.finding(
                f"the rarest class has {rows(least)}, fewer than there are features ({train.n_columns})",
                subject="classes", severity=Severity.INFO, n_rows=least, n_columns=train.n_columns,
            )  # fmt: skip


def _answer(fewest: int, wanted: int) -> tuple[Change, ...]:
    """As many folds as the rarest class has rows; with fewer than three, the rare classes cannot be told apart."""
    if fewest > 2:
        return (Change("folds", min(fewest, 5), "stratified, so that each has a row"),)
    return (Change("min_rows_of_a_class", wanted, "put rarer classes together, or leave them out"),)
