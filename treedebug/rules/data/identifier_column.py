"""DA612 identifier-column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_names import is_named_id
from treedebug.core.data.column_profile import NUMBER, TEXT, ColumnProfile
from treedebug.core.findings import Finding
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import concerned, drop, is_no_word, told
from treedebug.signals.data.checked_tables import TrainingTable
from treedebug.signals.data.row_names import MIN_CLASHES, clashes, never_repeats


@dataclass(frozen=True, kw_only=True)
class IdentifierColumn(Rule):
    """A feature tells the rows apart and nothing else.

    ## What it does
    Fires for columns of the training data that count the rows, or rise or fall from row to row without a tie; for whole
    numbers that never repeat although, drawn at random from their range, at least `min_clashes` pairs would (several
    such columns taken together); for short texts, or texts of one length, that (almost) never repeat; and for whole
    numbers or texts that are named like an id and (almost) never repeat. A column of time or groups is none.
    ## Why is this bad
    Trees can split on it as often as they like, and learn rows by heart; if the rows are in order of time or of class,
    it is a leak.
    ## When to ignore it
    It is a measurement that happens to rise from row to row, as in a sorted table.
    """

    code = "DA612"
    name = "identifier-column"
    explains = ("DA607", "DA616", "FT303", "FT306", "DA610")

    min_rows: int = param(50, "rows that the training data must have", ge=10, le=1_000_000)
    min_distinct: float = param(0.98, "distinct values for each row of a text, or of a column named like an id", ge=0.5,
                                le=1.0)  # fmt: skip
    min_clashes: float = param(MIN_CLASHES, "pairs of equal whole numbers that chance would give", ge=1.0, le=1e9)
    max_length: float = param(24.0, "mean characters of a text that may be an identifier", ge=1.0, le=1e6)

    def check(self, table: TrainingTable) -> Iterator[Finding]:
        """Ask of every column why its values are distinct."""
        if table.profile.n_rows < self.min_rows:
            raise Missing(f"needs {self.min_rows} rows to tell an identifier from a measurement")
        found = [(c.name, why) for c in table.features if (why := self._why(c))]
        found += self._together([c for c in table.features if c.name not in dict(found)])
        if found:
            yield self.finding(
                f"names the row and tells nothing of it: {told([f'{name} ({why})' for name, why in found])}",
                try_next=drop([name for name, _ in found], "rows can be learned by heart with it"),
                **concerned([name for name, _ in found]),
                reasons=dict(found[:20]),
            )

    def _together(self, columns: list[ColumnProfile]) -> list[tuple[str, str]]:
        """Columns of whole numbers without a repeat, of which each alone may be chance, and all of them not."""
        whole = [c for c in columns if c.kind == NUMBER and c.whole_numbers and c.n_present >= self.min_rows]
        whole = [c for c in whole if c.distinct_is_exact and clashes(c) >= 1.0]
        never = [c for c in whole if c.n_distinct == c.n_present]
        chance = math.log(math.comb(len(whole), len(never))) if never else 0.0
        if len(never) < 2 or sum(map(clashes, never)) - chance < self.min_clashes:
            return []
        return [(c.name, f"{c.n_distinct} whole numbers, none twice") for c in never]

    def _why(self, column: ColumnProfile) -> str:
        """What makes it an identifier; "" if nothing does."""
        if column.kind not in (NUMBER, TEXT) or column.n_present < self.min_rows or is_no_word(column):
            return ""
        return next((why for holds, why in self._reasons(column) if holds), "")

    def _reasons(self, column: ColumnProfile) -> Iterator[tuple[bool, str]]:
        share = column.n_distinct / column.n_present
        whole, is_text = column.whole_numbers and column.kind == NUMBER, column.kind == TEXT
        is_new = share >= self.min_distinct
        is_short = column.mean_length <= self.max_length or column.max_length - column.mean_length < 1.0
        yield column.steps_by_one, "counts the rows"
        yield bool(column.order), f"{column.order} from row to row"
        how = "none twice" if column.distinct_is_exact else f"in {column.n_present} rows"
        yield never_repeats(column, self.min_clashes), f"{column.n_distinct} whole numbers, {how}"
        is_named = is_named_id(column.name)
        yield is_new and is_named and (whole or is_text), "named like one, and (almost) never the same"
        is_code = column.n_numeric_texts == column.n_present and share < 1.0  # digits repeat as chance has it
        yield is_new and is_text and is_short and not is_code, f"{column.n_distinct} texts in {column.n_present} rows"
