"""How the rules on data speak of columns, rows and values: lists capped, and how many there are in all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from treedebug.core.data.column_profile import DATE, TEXT, ColumnProfile, Value
from treedebug.core.data.text_reading import AMOUNT, DATE_TEXT
from treedebug.core.findings import Change
from treedebug.core.phrases import listed

MOST = 20
"""Columns, values or rows that a finding carries; it always says how many there are in all."""
SAME_ORDER = 1.0 - 1e-5
"""Rank correlation from which two columns order the rows alike: trees cannot tell them apart."""
_LONGEST = 40


def concerned(names: Sequence[str]) -> dict[str, Any]:
    """Evidence: the columns concerned, the first of them by name."""
    return {"columns": list(names[:MOST]), "n_columns": len(names)}


def these(names: Sequence[str], one: str, many: str, *, most: int = 5) -> str:
    """Say "column a is constant" or "3 columns are constant: a, b, c"."""
    if len(names) == 1:
        return f"column {names[0]} {one}"
    return f"{len(names)} columns {many}: {listed(list(names), most)}"


def told(phrases: Sequence[str], noun: str = "column", *, most: int = 5) -> str:
    """Say "column a (3 rows)" or "2 columns, a (3 rows), b (1 row)": each with what is to be said of it."""
    if len(phrases) == 1:
        return f"{noun} {phrases[0]}"
    return f"{len(phrases)} {noun}s: {listed(list(phrases), most)}"


def rows(count: int) -> str:
    """Say "1 row", "12 rows"."""
    return f"{count} row" if count == 1 else f"{count} rows"


def but_for(columns: Sequence[str]) -> str:
    """Say in what rows that are alike may differ."""
    precision = "the last digits of numbers and the case of texts"
    return f"but for {listed(list(columns), 3)}" if columns else f"but for {precision}"


def nearly(share: float) -> str:
    """A share close to all, with as many digits as tell it from all: `99.6 %`."""
    return "100 %" if share >= 1.0 else f"{min(100.0 * share, 99.99):.4g} %"


def shown(value: Value) -> str:
    """A cell's value in a message: whole numbers without a point, texts quoted and cut."""
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST else value[: _LONGEST - 3] + "...")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    return str(value)


def values(found: Iterable[Value], most: int = 5) -> str:
    """Values in a message, the rest counted."""
    return listed([shown(v) for v in found], most)


def drop(names: Sequence[str], why: str) -> tuple[Change, ...]:
    """Advice to leave columns out."""
    return (Change("drop", list(names[:MOST]), why),) if names else ()


def is_no_word(column: ColumnProfile) -> bool:
    """Return whether its texts are amounts or dates: what is said of categories does not hold for them."""
    return column.reads_as is not None and column.reads_as.kind in (AMOUNT, DATE_TEXT)


def is_constant(column: ColumnProfile) -> bool:
    """Whether every row holds the same value, or every one is missing."""
    return column.n_distinct + (column.n_missing > 0) <= 1


def moment(seconds: float, column: ColumnProfile) -> str:
    """A point of time in a message: the date of a column of dates, the number of any other."""
    if column.kind not in (DATE, TEXT):
        return shown(seconds)
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
    except (ValueError, OverflowError, OSError):  # a year that the calendar does not know
        return shown(seconds)
