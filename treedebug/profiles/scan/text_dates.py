"""Dates written as text: which format all of them follow, and the seconds since 1970 that they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_DATE = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?:([ T])(\d{1,2}):(\d{2})(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?"
)
_MONTH = re.compile(r"(\d{1,2})([ -])([A-Za-z]{3,9})\2(\d{4})")
_MONTHS = 12
_LOOKED_AT = 2000
_YEAR_DIGITS = 4


def date_format(texts: Iterable[str]) -> str:
    """Return the format (as in strptime) that all these texts follow; "" if there is none, or no text.

    Day and month differ by a number over 12; where none is, a point or dash means the day comes first, a slash
    the month.
    """
    some = [t.strip() for t, _ in zip((t for t in texts if t.strip()), range(_LOOKED_AT), strict=False)]
    if not some:
        return ""
    found = [_DATE.fullmatch(t) for t in some]
    if all(found):
        return _of_numbers([m for m in found if m is not None])
    months = [_MONTH.fullmatch(t) for t in some]
    if not all(months):
        return ""
    first = next(m for m in months if m is not None)
    name = "%b" if all(len(m[3]) == 3 for m in months if m is not None) else "%B"
    form = f"%d{first[2]}{name}{first[2]}%Y"
    return form if np.isfinite(date_seconds(some, form)).all() else ""


def _of_numbers(found: Sequence[re.Match[str]]) -> str:
    shape = {(m[2], len(m[1]) == _YEAR_DIGITS, len(m[4]) == _YEAR_DIGITS, m[5], bool(m[8]), bool(m[9]), bool(m[10]))
             for m in found}  # fmt: skip
    if len(shape) > 1:
        return ""
    mark, year_first, year_last, parted, with_seconds, with_parts, with_zone = shape.pop()
    if year_first == year_last:
        return ""
    first = [int(m[3] if year_first else m[1]) for m in found]
    second = [int(m[4] if year_first else m[3]) for m in found]
    day_first = max(first) > _MONTHS or (max(second) <= _MONTHS and mark != "/" and not year_first)
    if min(max(first), max(second)) > _MONTHS or (year_first and day_first):
        return ""
    days = mark.join(("%d", "%m") if day_first else ("%m", "%d"))
    form = f"%Y{mark}{days}" if year_first else f"{days}{mark}%Y"
    if parted:
        form += f"{parted}%H:%M" + (":%S" if with_seconds else "") + (".%f" if with_parts else "")
    return form + ("%z" if with_zone else "")


def date_seconds(texts: Sequence[str], form: str) -> NDArray[np.float64]:
    """(n,) seconds since 1970 of texts in a format ("mixed": whatever they look like); NaN where one is no date."""
    stamps = pd.to_datetime(pd.Series(list(texts), dtype=object).str.strip(), errors="coerce", utc=True, format=form)
    return np.asarray((stamps - pd.Timestamp(0, tz="UTC")).dt.total_seconds(), dtype=np.float64)
