"""DA606 overlapping-splits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.changes import question
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, but_for, rows, values
from treedebug.signals.data.checked_tables import RepeatedRows, Split, Splits
from treedebug.signals.data.known_rows import KnownRows, known_rows

_IF_COPIES = question(
    "Are rows that are equal one event, copied, or several? If copied, drop the copies before the split; if new rows "
    "will repeat as often, the score is right as it is."
)


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
    groups is in the training data, too. Rows are to be dropped where they exceed what repeats anyway.
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
            found = next((k for k in known_rows(split, repeated) if self._is_leak(k)), None)
            if found is not None:
                yield self._rows(split, found)
            yield from self._groups(split)

    def _is_honest(self, found: KnownRows) -> bool:
        return found.share - found.twins < self.min_share or found.chance > self.max_p

    def _is_leak(self, found: KnownRows) -> bool:
        return found.n > 0 and (not self._is_honest(found) or found.share - 2.0 * found.by_chance >= self.max_repeated)

    def _rows(self, split: Split, found: KnownRows) -> Finding:
        honest = self._is_honest(found)
        twice = " (as many as repeat within the training data: they were split apart)" if honest else ""
        apart = f" {but_for(found.overlap.without)}" if found.is_alike else ""
        examples = [list(pair) for pair in found.overlap.examples[:MOST]]
        shown = f"; {split.name} row {examples[0][1]} is training row {examples[0][0]}" if examples else ""
        return self.finding(
            f"{rows(found.n)} of {split.name} ({percent(found.share)}) stand in the training data, "
            f"features and label{apart}{twice}{shown}",
            severity=Severity.ERROR if found.share >= self.max_share else Severity.WARNING,
            subject=f"rows of {split.name}",
            try_next=(_IF_COPIES if honest else Change("drop_from_valid", found.n, "rows that training has"),),
            n_rows=found.n,
            n_equal_features=found.overlap.n_rows,
            share=found.share,
            expected_share=found.twins,
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
