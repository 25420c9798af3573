"""Texts that are something else: money, percentages, numbers with decimal commas or spaces, dates, codes of digits."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from treedebug.core.data.column_profile import TEXT
from treedebug.core.data.text_reading import AMOUNT, CODE, DATE_TEXT, TextReading
from treedebug.profiles.measures.table_sample import Table
from treedebug.profiles.scan.text_dates import date_format, date_seconds

_MOST = 1000
"""Texts of a column that are looked at."""
_SPACE = "  \u202f'\u2019"
_AMOUNT = re.compile(
    rf"[+-]?\s?(?P<before>[€$£¥]|[A-Z]{{3}})?\s?[+-]?(?P<whole>[1-9]\d{{0,2}}(?:[{_SPACE},.]\d{{3}})+|\d+)"
    r"(?P<part>[.,]\d+)?\s?(?P<after>%|[€$£¥]|[A-Za-z]{3})?"
)
_DIGITS = re.compile(r"\d+")
_THOUSAND = 3
_STAND_INS = frozenset({"", "?", "-", "na", "n/a", "nan", "null", "none", "unknown", "missing"})


def text_reading(table: Table, name: str) -> TextReading | None:
    """Return what the texts of a column are; None for words, for plain numbers, and for any other column."""
    if table.scan.columns[name].kind != TEXT:
        return None
    known = table.scan.columns[name].tally.counts
    texts = list(known) if known is not None else list(table.scan.sample.texts.get(name, {}).values())
    return read_texts([str(t) for t in texts[:_MOST]])


def read_texts(texts: Sequence[str]) -> TextReading | None:
    """Return what all these texts are, words for "missing" aside."""
    some = [t.strip() for t in texts if t.strip().casefold() not in _STAND_INS]
    if len(some) < 2 or not any(c.isdigit() for c in some[0]):
        return None
    if all(_DIGITS.fullmatch(t) for t in some):
        zeros = [t for t in some if len(t) > 1 and t[0] == "0"]
        return TextReading(kind=CODE, example=zeros[0], how="as text: zeros in front count") if zeros else None
    form = date_format(some)
    if form:
        seconds = date_seconds(some, form)
        if np.isfinite(seconds).all():
            return TextReading(
                kind=DATE_TEXT, example=some[0], how=form, lowest=float(seconds.min()), highest=float(seconds.max())
            )
    return _amounts(some)


def _amounts(texts: Sequence[str]) -> TextReading | None:
    found = [_AMOUNT.fullmatch(t) for t in texts]
    if not all(found):
        return None
    matches = [m for m in found if m is not None]
    signs = sorted({s for m in matches for s in (m["before"], m["after"]) if s})
    spaces = any(c in m["whole"] for m in matches for c in _SPACE)
    comma, point = _is_decimal(matches, ","), _is_decimal(matches, ".")
    if comma and point:
        return None
    thousands = "." if comma else ","
    has_thousands = any(thousands in m["whole"] or (m["part"] or "").startswith(thousands) for m in matches)
    steps = [
        *([f"take away {', '.join(map(repr, signs))}"] if signs else []),
        *(["take away the spaces"] if spaces else []),
        *([f"take away {thousands!r} (thousands)"] if has_thousands else []),
        *(["',' is the decimal mark"] if comma else []),
    ]
    if not steps or len(signs) > _THOUSAND:
        return None
    numbers = [_number(m, comma=comma) for m in matches]
    return TextReading(kind=AMOUNT, example=texts[0], how="; ".join(steps), lowest=min(numbers), highest=max(numbers))


def _is_decimal(matches: Sequence[re.Match[str]], mark: str) -> bool:
    """Whether a mark stands before something else than three digits, or behind the other mark."""
    other = "." if mark == "," else ","
    parts = [m for m in matches if (m["part"] or "").startswith(mark)]
    return any(len(m["part"]) - 1 != _THOUSAND or other in m["whole"] or m["whole"] == "0" for m in parts)


def _number(match: re.Match[str], *, comma: bool) -> float:
    """The amount, as the whole column is to be read."""
    part = match["part"] or ""
    mark = "," if comma else "."
    decimals = part[1:] if part.startswith(mark) else ""
    whole = re.sub(r"\D", "", match["whole"] + ("" if decimals else part))
    sign = -1.0 if match.string.lstrip()[:1] == "-" else 1.0
    return sign * float(f"{whole}.{decimals or 0}")
