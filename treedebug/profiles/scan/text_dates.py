"""Dates written as text: which format all of them follow, and the seconds since 1970 that they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_TIME = r"(?:([ T])(\d{1,2}):(\d{2})(:\d{2})?(\.\d+)?(\s?[AaPp][Mm])?(Z|[+-]\d{2}:?\d{2})?)?"
_DATE = re.compile(rf"(\d{{1,4}})([./-])(\d{{1,2}})\2(\d{{1,4}}){_TIME}")
_WORDS = re.compile(
    r"(?P<weekday>[A-Za-z]{3,9},?\s)?(?P<day>\d{1,2})(?P<mark>\.?[ -])(?P<month>[A-Za-z]{3,9})[ -]"
    rf"(?P<year>\d{{4}}){_TIME}"
)
_MONTH_FIRST = re.compile(rf"(?P<month>[A-Za-z]{{3,9}}) (?P<day>\d{{1,2}})(?P<comma>,?) (?P<year>\d{{4}}){_TIME}")
_COMPACT = re.compile(
    r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:([ T_-]?)(?:[01]\d|2[0-3])[0-5]\d([0-5]\d)?)?"
)
_MONTHS = 12
_LOOKED_AT = 2000
_YEAR_DIGITS, _SHORT_YEAR = 4, 2
_LEAST_COMPACT = 3
"""Different texts of 8 digits, or they may be any code."""


def date_format(texts: Iterable[str]) -> str:
    """Return the format (as in strptime) that all these texts follow; "" if there is none, or no text.

    Day and month differ by a number over 12; where none is, a point or dash means the day comes first, a slash
    the month.
    """
    some = [t.strip() for t, _ in zip((t for t in texts if t.strip()), range(_LOOKED_AT), strict=False)]
    if not some:
        return ""
    for pattern, form_of in ((_DATE, _of_numbers), (_WORDS, _of_words), (_MONTH_FIRST, _of_month_first)):
        found = [m for t in some if (m := pattern.fullmatch(t)) is not None]
        if len(found) == len(some):
            form = form_of(found)
            return form if pattern is _DATE or (form and np.isfinite(date_seconds(some, form)).all()) else ""
    return _of_digits(some)


def _of_digits(some: Sequence[str]) -> str:
    found = [m for t in some if (m := _COMPACT.fullmatch(t)) is not None]
    shapes = {(m[1], bool(m[2])) for m in found}
    if len(found) < len(some) or len(set(some)) < _LEAST_COMPACT or len(shapes) > 1:
        return ""
    parted, seconds = shapes.pop()
    form = "%Y%m%d" if parted is None else f"%Y%m%d{parted}%H%M{'%S' if seconds else ''}"
    return form if np.isfinite(date_seconds(some, form)).all() else ""


def _of_numbers(found: Sequence[re.Match[str]]) -> str:
    shape = {(m[2], len(m[1]) == _YEAR_DIGITS, len(m[4])) for m in found}
    clock = _clock(found, 5)
    if len(shape) > 1 or clock is None:
        return ""
    mark, year_first, last = shape.pop()
    if year_first == (last == _YEAR_DIGITS) and not (last == _SHORT_YEAR and not year_first):
        return ""
    first = [int(m[3] if year_first else m[1]) for m in found]
    second = [int(m[4] if year_first else m[3]) for m in found]
    day_first = max(first) > _MONTHS or (max(second) <= _MONTHS and mark != "/" and not year_first)
    if min(max(first), max(second)) > _MONTHS or (year_first and day_first):
        return ""
    days = mark.join(("%d", "%m") if day_first else ("%m", "%d"))
    year = "%y" if last == _SHORT_YEAR and not year_first else "%Y"
    return (f"{year}{mark}{days}" if year_first else f"{days}{mark}{year}") + clock


def _of_words(found: Sequence[re.Match[str]]) -> str:
    clock = _clock(found, found[0].re.groupindex["year"] + 1)
    marks = {m["mark"] for m in found}
    weekdays = {None if m["weekday"] is None else "," in m["weekday"] for m in found}
    if clock is None or len(marks) > 1 or len(weekdays) > 1:
        return ""
    mark, weekday = marks.pop(), weekdays.pop()
    lead = ""
    if weekday is not None:
        short = all(len(m["weekday"].rstrip(", ")) == 3 for m in found)
        lead = f"{'%a' if short else '%A'}{',' if weekday else ''} "
    return f"{lead}%d{mark}{_month(found)}{mark[-1]}%Y{clock}"


def _of_month_first(found: Sequence[re.Match[str]]) -> str:
    clock, commas = _clock(found, found[0].re.groupindex["year"] + 1), {m["comma"] for m in found}
    return "" if clock is None or len(commas) > 1 else f"{_month(found)} %d{commas.pop()} %Y{clock}"


def _month(found: Sequence[re.Match[str]]) -> str:
    return "%b" if all(len(m["month"]) == 3 for m in found) else "%B"


def _clock(found: Sequence[re.Match[str]], at: int) -> str | None:
    """Return the format of the time of day from group `at` on; "" for none, None where the texts differ in it."""
    shapes = {(m[at], bool(m[at + 3]), bool(m[at + 4]), m[at + 5] and " " in m[at + 5], bool(m[at + 6])) for m in found}
    if len(shapes) > 1:
        return None
    parted, seconds, parts, half, zone = shapes.pop()
    if not parted:
        return ""
    hour = "%H:%M" if half is None else "%I:%M"
    form = f"{parted}{hour}" + (":%S" if seconds else "") + (".%f" if parts else "")
    return form + ("" if half is None else " %p" if half else "%p") + ("%z" if zone else "")


def date_seconds(texts: Sequence[str], form: str) -> NDArray[np.float64]:
    """(n,) seconds since 1970 of texts in a format ("mixed": whatever they look like); NaN where one is no date."""
    stamps = pd.to_datetime(pd.Series(list(texts), dtype=object).str.strip(), errors="coerce", utc=True, format=form)
    moments = stamps.dt.tz_convert(None).to_numpy(dtype="datetime64[us]")
    seconds = moments.astype(np.int64) / 1e6
    seconds[np.isnat(moments)] = np.nan
    return seconds
