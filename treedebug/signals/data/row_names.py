"""Columns of whole numbers that name the row."""

from __future__ import annotations

from treedebug.core.data.column_profile import NUMBER, ColumnProfile

MIN_CLASHES = 8.0
_ABOUT_ALL = 0.98
"""Distinct values a row where their number is estimated, within 1 %."""
_CROWDED = 0.1
"""Equal pairs a row by chance, from which such an estimate would show them."""


def clashes(column: ColumnProfile) -> float:
    """Return the pairs of equal values that a draw of whole numbers from the column's range would have."""
    return column.n_present**2 / (2.0 * (column.maximum - column.minimum + 1.0))


def never_repeats(column: ColumnProfile, min_clashes: float = MIN_CLASHES) -> bool:
    """Return whether whole numbers do not repeat, although drawn at random from their range they would."""
    n = column.n_present
    if column.kind != NUMBER or not column.whole_numbers or not n:
        return False
    if column.distinct_is_exact:
        return column.n_distinct == n and clashes(column) >= min_clashes
    return column.n_distinct >= _ABOUT_ALL * n and clashes(column) >= max(min_clashes, _CROWDED * n)
