"""DA623 sentinel-values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_profile import DATE, TEXT, ColumnProfile, Sentinel
from treedebug.core.findings import Change, Finding, Severity
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, rows, shown
from treedebug.rules.data._sentinel_codes import is_code, is_usual_date, only_negative
from treedebug.signals.data.checked_tables import TrainingTable

_SOME, _MANY = 4, 12
"""Different values of a column: -1 is no code among 0 and 1, nor 99 among 98 and 100."""


@dataclass(frozen=True, kw_only=True)
class SentinelValues(Rule):
    """A number such as -999, or a word such as "N/A", stands for a missing value.

    ## What it does
    Looks at extreme numbers and dates of the training data that repeat (`min_count` rows or more). Fires when one is a
    usual code (-1, 99, -999, 9999, ..., 1900-01-01, 1970-01-01, 9999-12-31) and further than `min_gap` widths of the
    other values from the nearest of them, or when it is any value further than `max_gap`, in a column of `min_distinct`
    different values or more; and for a code such as -1 that is the only negative number. A zero that lies
    `min_zero_gap` widths below amounts is only worth knowing, as are words for "missing".
    ## Why is this bad
    The booster takes the code for an amount, far larger or smaller than any: means and scalings follow it, splits are
    spent on it, and the direction learned for missing values is not used.
    ## When to ignore it
    The value was measured, or the limit at which the scale ends.
    """

    code = "DA623"
    name = "sentinel-values"
    explains = ("DA610",)

    min_count: int = param(3, "rows with the value", ge=1, le=1_000_000_000)
    min_gap: float = param(0.5, "distance of a usual code from the other values, in their widths (5 % to 95 %)", ge=0.0,
                           le=1e9)  # fmt: skip
    max_gap: float = param(10.0, "the same of any other number", ge=0.0, le=1e9)
    min_zero_gap: float = param(0.4, "the same of zero below amounts", ge=0.0, le=1e9)
    min_distinct: int = param(30, "different values of a column in which any number may be one", ge=2, le=1_000_000)

    def check(self, table: TrainingTable) -> Iterator[Finding]:
        """Look at the candidates of every column."""
        found = [(c, s) for c in table.profile.columns for s in c.sentinels if self._poses(s, c)]
        for severity in (Severity.WARNING, Severity.INFO):
            some = [(c, s) for c, s in found if (s.side == "text" or s.value == 0) == (severity is Severity.INFO)]
            for value in dict.fromkeys(s.value for _, s in some):
                yield self._finding(value, [(c, s) for c, s in some if s.value == value], severity)

    def _poses(self, sentinel: Sentinel, column: ColumnProfile) -> bool:
        if sentinel.count < self.min_count or sentinel.side == "inside":
            return False
        if sentinel.value == column.minimum == -1 and column.maximum == 1:  # scaled to -1 to 1
            return False
        if sentinel.side == "text" or only_negative(column, sentinel):
            return True
        many = column.n_distinct >= self.min_distinct
        if sentinel.value == 0:
            few = sentinel.count < column.n_present / 2
            is_first = column.whole_numbers and bool(column.top_values) and column.top_values[0].value == 0
            least = self.min_zero_gap / 2.0 if is_first else self.min_zero_gap
            return few and many and sentinel.side == "low" and sentinel.gap >= least
        is_date = column.kind in (DATE, TEXT)
        enough = many if is_date else column.n_distinct >= (_MANY if sentinel.value == -1 else _SOME)
        is_usual = is_usual_date(sentinel.value) if is_date else is_code(sentinel.value)
        return sentinel.gap >= self.min_gap if is_usual and enough else sentinel.gap >= self.max_gap and many

    def _finding(self, value: object, some: list[tuple[ColumnProfile, Sentinel]], severity: Severity) -> Finding:
        names = [c.name for c, _ in some]
        far = _why(*some[0])
        listing = ", ".join(f"{c.name} ({rows(s.count)})" for c, s in some[:5])
        more = f" and {len(some) - 5} more columns" * (len(some) > 5)
        return self.finding(
            f"{shown(value)} seems to stand for a missing value in {listing}{more}{far}",
            subject=shown(value),
            severity=severity,
            try_next=(Change("missing", value, f"in {', '.join(names[:5])}: make it NaN, or name it to the booster"),),
            columns=names[:MOST],
            n_columns=len(names),
            value=value,
            counts={c.name: s.count for c, s in some[:MOST]},
            gaps={c.name: s.gap for c, s in some[:MOST]},
        )


def _why(column: ColumnProfile, sentinel: Sentinel) -> str:
    if only_negative(column, sentinel):
        return ": no other value is negative"
    times = f"{sentinel.gap:,.0f}" if sentinel.gap >= 10 else f"{sentinel.gap:.2g}"
    far = f": it lies {times} times as far from the other values as they are spread"
    return far if math.isfinite(sentinel.gap) else ""
