"""DA605 duplicate-rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.changes import question
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, but_for, rows
from treedebug.signals.data.checked_tables import RepeatedRows


@dataclass(frozen=True, kw_only=True)
class DuplicateRows(Rule):
    """Rows stand in the training data more than once.

    ## What it does
    Counts the rows of the training data that equal an earlier one in every feature and in the label, and takes away how
    many would do so by chance, where the columns have few values. Chance also puts rows there three times: where many
    stand there twice and hardly one three times, none is taken away. Groups of over 20 equal rows share a value and are
    no copies. Fires when `min_share` of the rows or more remain; a warning from `max_share` on. Where few rows are
    equal, rows are compared as a booster sees them: in 32 bits, whatever the case of texts, without the columns that
    only name the row.
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
        found = next((r for r in (repeated, repeated.alike) if r is not None and self._is_many(r)), None)
        if found is None:
            return
        repeats, share = found.repeats, found.share
        beyond = share - found.expected
        chance = f", where {percent(found.expected)} would by chance" if found.expected >= self.min_share else ""
        groups = [list(group) for group in repeats.duplicates[:MOST]]
        equal = "are equal" if found is repeated else "are alike"
        example = f"; for instance rows {', '.join(map(str, groups[0][:4]))} {equal}" if groups else ""
        apart = "" if found is repeated else f" ({but_for(repeats.without)})"
        yield self.finding(
            f"{rows(found.n_copies)} of {found.n_rows} ({percent(share)}) repeat an earlier one"
            f"{apart}{chance}{example}",
            severity=Severity.WARNING if beyond >= self.max_share else Severity.INFO,
            try_next=(question(f"Are rows that {equal} one event, copied by a join, or several?"),),
            n_duplicates=found.n_copies,
            n_groups=repeats.n_groups,
            largest_group=repeats.largest,
            share=share,
            expected_share=found.expected,
            rows=groups,
        )

    def _is_many(self, found: RepeatedRows) -> bool:
        return found.n_copies > 1 and found.share - found.expected >= self.min_share  # one is an accident
