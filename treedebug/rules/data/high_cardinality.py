"""DA616 high-cardinality."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_profile import TEXT, ColumnProfile
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, concerned, is_no_word, told
from treedebug.signals.data.checked_tables import TrainingTable

_FRACTION = re.compile(r"[+-]?\d*(\.\d+|\.?\d*[eE][+-]?\d+)")


@dataclass(frozen=True, kw_only=True)
class HighCardinality(Rule):
    """A column of categories has so many of them that few rows stand behind each.

    ## What it does
    Fires for columns of texts, or of numbers declared as categories, with more than `max_categories` different values
    and fewer than `min_rows` rows for each on average. Free text (longer than `max_length` characters on average) and
    columns whose values (almost) never repeat are none; the latter may be DA612.
    ## Why is this bad
    A split on such a column sorts a handful of rows behind each category by their label: it learns noise. One-hot
    encoding makes a column of each.
    ## When to ignore it
    The categories are encoded by what they mean (a place by its coordinates), or out of fold.
    """

    code = "DA616"
    name = "high-cardinality"

    max_categories: int = param(50, "different values of a column", ge=2, le=1_000_000_000)
    min_rows: float = param(30.0, "rows for each of them on average", ge=1.0, le=1e9)
    max_length: float = param(40.0, "mean characters of a category", ge=1.0, le=1e6)

    def check(self, table: TrainingTable) -> Iterator[Finding]:
        """Compare categories and rows."""
        found = [c for c in table.features if self._is_high(c)]
        if not found:
            return
        found.sort(key=lambda c: -c.n_distinct)
        phrases = [f"{c.name} ({c.n_distinct} values, {figure(_rows_each(c))} rows for each)" for c in found]
        yield self.finding(
            f"few rows for each category of {told(phrases)}",
            try_next=(Change("max_categories", self.max_categories, "keep the frequent ones, the rest as one"),),
            **concerned([c.name for c in found]),
            n_distinct={c.name: c.n_distinct for c in found[:MOST]},
            rows_per_value={c.name: _rows_each(c) for c in found[:MOST]},
        )

    def _is_high(self, column: ColumnProfile) -> bool:
        is_category = column.kind == TEXT or column.n_levels > 0  # numbers declared as categories are some, too
        if not is_category or is_no_word(column) or column.n_distinct <= self.max_categories:
            return False
        if column.mean_length > self.max_length:
            return False
        words = column.n_present - column.n_empty - column.n_numeric_texts
        if words < column.n_numeric_texts and (words or _are_amounts(column)):  # DA614
            return False
        return 1.0 / 0.9 <= _rows_each(column) < self.min_rows


def _rows_each(column: ColumnProfile) -> float:
    return column.n_present / max(column.n_distinct, 1)


def _are_amounts(column: ColumnProfile) -> bool:
    """Return whether numbers that are texts have fractions or exponents: codes have none."""
    return any(_FRACTION.fullmatch(str(v.value).strip()) for v in column.top_values)
