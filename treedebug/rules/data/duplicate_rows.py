"""DA605 duplicate-rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.changes import question
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, rows
from treedebug.signals.data.checked_tables import RepeatedRows


@dataclass(frozen=True, kw_only=True)
class DuplicateRows(Rule):
    """Rows stand in the training data more than once.

    ## What it does
    Counts the rows of the training data that equal an earlier one in every feature and in the label, and takes away how
    many would do so by chance, where the columns have few values. Fires when `min_share` of the rows or more remain; a
    warning from `max_share` on.
    ## Why is this bad
    A repeated row counts as often as it stands there, and when the table is split, its copies land on both sides: the
    validation score then measures memory. Often a join went wrong.
    ## When to ignore it
    The rows are separate events that happen to be equal, and each of them should count.
    """

    code = "DA605"
    name = "duplicate-rows"
    explains = ("DA606",)

    min_share: float = param(0.005, "share of the rows that repeat another one, beyond chance", ge=0.0, le=1.0)
    max_share: float = param(0.05, "the same, a warning from here on", ge=0.0, le=1.0)

    def check(self, repeated: RepeatedRows) -> Iterator[Finding]:
        """Compare the share of repeated rows with what chance gives."""
        repeats, share = repeated.repeats, repeated.share
        beyond = share - repeated.expected
        if repeats.n_duplicates < 2 or beyond < self.min_share:  # one is an accident
            return
        chance = f", where {percent(repeated.expected)} would by chance" if repeated.expected >= self.min_share else ""
        groups = [list(group) for group in repeats.duplicates[:MOST]]
        verb = "repeats" if repeats.n_duplicates == 1 else "repeat"
        example = f"; for instance rows {', '.join(map(str, groups[0][:4]))} are equal" if groups else ""
        yield self.finding(
            f"{rows(repeats.n_duplicates)} of {repeated.n_rows} ({percent(share)}) {verb} "
            f"an earlier one{chance}{example}",
            severity=Severity.WARNING if beyond >= self.max_share else Severity.INFO,
            try_next=(question("Are equal rows one event, copied by a join, or several?"),),
            n_duplicates=repeats.n_duplicates,
            n_groups=repeats.n_groups,
            largest_group=repeats.largest,
            share=share,
            expected_share=repeated.expected,
            rows=groups,
        )
