"""Profiles as people read them: one line a column, whatever the terminal."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
from collections.abc import Iterable, Iterator
from typing import Any

from treedebug.core.data.column_profile import DATE, ColumnProfile
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile

_SHOWN = 60
_LONGEST = 24
_HEAD = ("column", "kind", "missing", "distinct", "minimum", "median", "maximum", "most frequent")


def profile_text(profile: DataProfile) -> str:
    """Return a line for each of its first columns, the label first."""
    return "\n".join(_lines(profile))


def sets_text(sets: DataSets) -> str:
    """Return the training data in full, and a line for each other set."""
    lines = list(_lines(sets.train))
    for name, other in sets.others.items():
        lines.append(f"{name}: {other!r}")
        between = sets.between.get(name)
        if between is not None and between.overlap is not None:
            lines.append(f"  {between.overlap.n_rows} of its rows stand in the training data")
    return "\n".join(lines)


def _lines(profile: DataProfile) -> Iterator[str]:
    yield repr(profile)
    rows = profile_rows(profile, most=_SHOWN)
    widths = [max(len(r[i]) for r in rows) for i in range(len(_HEAD))]
    for row in rows:
        yield ("  " + "  ".join(_placed(row, widths))).rstrip()
    n_columns = len(profile.columns) + (profile.label is not None)
    if n_columns > _SHOWN:
        yield f"  and {n_columns - _SHOWN} more columns"
    for topic, why in profile.unmeasured.items():
        yield f"  not measured: {topic}: {why}"


def profile_rows(profile: DataProfile, *, most: int | None = None) -> list[tuple[str, ...]]:
    """Return the heading and a row a column, the label first."""
    columns = [*([profile.label.column] if profile.label is not None else []), *profile.columns]
    return [_HEAD, *(_row(c) for c in columns[:most])]


def _placed(row: tuple[str, ...], widths: list[int]) -> Iterable[str]:
    """Return the names and values to the left, numbers to the right."""
    left = (0, 1, len(_HEAD) - 1)
    return (text.ljust(w) if i in left else text.rjust(w) for i, (text, w) in enumerate(zip(row, widths, strict=True)))


def _row(column: ColumnProfile) -> tuple[str, ...]:
    top = column.top_values[0] if column.top_values else None
    middle = column.quantiles[len(column.quantiles) // 2] if column.quantiles else math.nan
    return (
        _cut(column.name),
        column.kind,
        f"{100 * column.missing_share:.3g} %" if column.n_missing else "-",
        f"{'' if column.distinct_is_exact else '~'}{column.n_distinct}",
        _number(column.minimum, column.kind),
        _number(middle, column.kind),
        _number(column.maximum, column.kind),
        "-" if top is None or column.n_distinct > column.n_present / 2 else f"{_cut(top.value)} ({top.count})",
    )


def _number(value: float, kind: str) -> str:
    if math.isnan(value):
        return "-"
    if kind == DATE:
        with contextlib.suppress(OverflowError, ValueError, OSError):  # a year that the calendar does not know
            return dt.datetime.fromtimestamp(value, tz=dt.UTC).date().isoformat()
    return f"{value:.4g}"


def _cut(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    text = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
