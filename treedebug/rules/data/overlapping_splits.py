"""DA606 overlapping-splits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.data_sets import Overlap
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, but_for, rows, values
from treedebug.signals.data.binomial_tail import binomial_tail
from treedebug.signals.data.checked_tables import RepeatedRows, Split, Splits


@dataclass(frozen=True, kw_only=True)
class OverlappingSplits(Rule):
    """Rows, or whole groups, of another set stand in the training data.

    ## What it does
    Counts the rows of each other set whose features and label stand in the training data, and compares their share with
    that of the training rows that have a twin in their own table: as many are to be expected of an honest split. Fires
    when the excess is `min_share` or more and beyond chance (`max_p`), or when repeated rows that were split apart make
    up `max_repeated` of the set. An error from `max_share` on. A row equal to over 20 training rows shares a value with
    them and is no copy. Where few rows are equal, rows are compared as a booster sees them: in 32 bits, whatever the
    case of texts, without the columns that only name the row. And for a column named as group: when one of the set's
    groups is in the training data, too.
    ## Why is this bad
    The score on rows that were learned by heart says nothing about new ones; with early stopping it even chooses the
    model that remembers best. Rows of one group (a patient, a customer) are almost as good as copies.
    ## When to ignore it
    The set is not used to judge the model, nor to stop its training.
    """

    code = "DA606"
    name = "overlapping-splits"
    explains = ("CV108", "CV109", "CV106")

    min_share: float = param(0.005, "share of the set's rows, beyond what repeated rows explain", ge=0.0, le=1.0)
    max_p: float = param(0.01, "probability of as many by chance", ge=0.0, le=1.0)
    max_repeated: float = param(0.05, "share of the set's rows that repeated rows bring along", ge=0.0, le=1.0)
    max_share: float = param(0.2, "share of the set's rows beyond which no score can be trusted", ge=0.0, le=1.0)

    def check(self, splits: Splits, repeated: RepeatedRows | None) -> Iterator[Finding]:
        """Compare the share of known rows with that of twins within the training data; then the groups."""
        if all(s.between.overlap is None and s.between.groups is None for s in splits):
            raise Missing("rows cannot be compared: the sets do not have the same columns")
        for split in splits:
            exact = (split.between.overlap, repeated)
            alike = (split.between.alike, repeated.alike if repeated else None)
            found = next((o for o, r in (exact, alike) if o is not None and self._is_leak(split, o, r)), None)
            if found is not None:
                yield self._rows(split, found, exact[1] if found is exact[0] else alike[1])
            yield from self._groups(split)

    def _is_leak(self, split: Split, overlap: Overlap, repeated: RepeatedRows | None) -> bool:
        if overlap.n_same_label <= overlap.n_tied:
            return False
        by_chance = repeated.expected if repeated else 0.0
        share = (overlap.n_same_label - overlap.n_tied) / split.other.n_rows
        return not self._is_honest(split, overlap, repeated) or share - 2.0 * by_chance >= self.max_repeated

    def _is_honest(self, split: Split, overlap: Overlap, repeated: RepeatedRows | None) -> bool:
        """Whether as many rows of the training data have a twin there."""
        n, n_same = split.other.n_rows, overlap.n_same_label - overlap.n_tied
        twins, pairs = (repeated.twin_share, repeated.n_copies) if repeated else (0.0, 0)
        across = 2.0 * n / (2.0 * n + split.train.n_rows)  # of equal pairs with a row in training, by a random split
        return n_same / n - twins < self.min_share or binomial_tail(n_same, n_same + pairs, across) > self.max_p

    def _rows(self, split: Split, overlap: Overlap, repeated: RepeatedRows | None) -> Finding:
        n_same = overlap.n_same_label - overlap.n_tied
        share, twins = n_same / split.other.n_rows, repeated.twin_share if repeated else 0.0
        honest = self._is_honest(split, overlap, repeated)
        why = " (as many as repeat within the training data: they were split apart)" if honest else ""
        apart = f" {but_for(overlap.without)}" if overlap is split.between.alike else ""
        examples = [list(pair) for pair in overlap.examples[:MOST]]
        shown = f"; {split.name} row {examples[0][1]} is training row {examples[0][0]}" if examples else ""
        return self.finding(
            f"{rows(n_same)} of {split.name} ({percent(share)}) stand in the training data, "
            f"features and label{apart}{why}{shown}",
            severity=Severity.ERROR if share >= self.max_share else Severity.WARNING,
            subject=f"rows of {split.name}",
            try_next=(Change("drop_from_valid", n_same, "rows that the training data has"),),
            n_rows=n_same,
            n_equal_features=overlap.n_rows,
            share=share,
            expected_share=twins,
            rows=examples,
        )

    def _groups(self, split: Split) -> Iterator[Finding]:
        groups = split.between.groups
        if groups is None or not groups.n_shared:
            return
        yield self.finding(
            f"{groups.n_shared} of {groups.n_groups} groups of {split.name} ({groups.column}: "
            f"{values(groups.examples, 3)}) stand in the training data, too, with {rows(groups.n_rows_shared)}",
            severity=Severity.ERROR if groups.n_rows_shared >= split.other.n_rows / 2 else Severity.WARNING,
            subject=f"groups of {split.name}",
            try_next=(Change("split_by", groups.column, "all rows of a group on one side"),),
            columns=[groups.column],
            n_shared=groups.n_shared,
            n_rows=groups.n_rows_shared,
            groups=list(groups.examples[:MOST]),
        )
