"""Values that are usually written for "missing"."""

from __future__ import annotations

import math

from treedebug.core.data.column_profile import ColumnProfile, Sentinel

_DATES = frozenset({
    "0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02", "1901-01-01", "1904-01-01",
    "1970-01-01", "1999-12-31", "2099-12-31", "2099-01-01", "2100-01-01", "2999-12-31", "9999-12-31", "9999-01-01",
    "2262-04-11", "1677-09-21", "1800-01-01", "1950-01-01",
})  # fmt: skip
_COUNTED = 8
"""Different values of a column in which a repeated -1 is none."""


def only_negative(column: ColumnProfile, sentinel: Sentinel) -> bool:
    """Return whether a code such as -1 or -9 is the only negative number of a column of counts or amounts."""
    is_one = sentinel.value in (-1, -7, -8, -9) or (is_code(sentinel.value) and sentinel.value < 0)
    return is_one and column.n_negative == sentinel.count and column.n_distinct >= _COUNTED


def is_usual_date(value: object) -> bool:
    """Return whether a date is one that systems write for "unknown" or "for ever"."""
    return str(value)[:10] in _DATES


def is_code(value: object) -> bool:
    """Return whether a number is written like a code: -1, all sevens, eights or nines, or an end of the integers."""
    if not isinstance(value, int | float) or not math.isfinite(value) or float(value) != int(value):
        return False
    digits = str(abs(int(value)))
    same = len(digits) > 1 and set(digits) in ({"9"}, {"8"}, {"7"})
    return value in (-1, 255, 65535) or same or abs(int(value)) in (2**32 - 1, 2**31, 2**31 - 1, 2**15 - 1, 2**15)
