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
_UNITS = "km|m|cm|mm|mi|ft|kg|g|mg|lb|lbs|oz|l|ml|kWh|kW|W|h|min|s|ms|°C|°F|mph|GB|MB|kB|m²|m2|sqm"
_AMOUNT = re.compile(
    rf"\(?[+-]?\s?(?P<before>[€$£¥]|[A-Z]{{3}})?\s?[+-]?(?P<whole>[1-9]\d{{0,2}}(?:[{_SPACE},.]\d{{3}})+|\d+)"
    rf"(?P<part>[.,]\d+)?\s?(?P<times>(?:k|K|M|bn)(?![A-Za-z]))?\s?(?P<after>%|[€$£¥]|[A-Za-z]{{3}}|{_UNITS})?(?P<close>\)|-)?"
)
_TIMES = {"k": 1e3, "K": 1e3, "M": 1e6, "bn": 1e9}
"""What stands behind an amount for its thousands and millions."""
_DIGITS = re.compile(r"\d+")
_THOUSAND = 3
STAND_INS = frozenset({
    "?", "??", "-", "--", ".", "na", "n/a", "n.a.", "n.a", "#n/a", "#na", "nan", "null", "none", "nil", "unknown",
    "unk",
    "missing", "undefined", "unspecified", "(null)", "<null>", "<na>", "(empty)", "(blank)", "empty", "blank",
    "not available", "not applicable", "not provided", "not specified", "not known", "not recorded",
    "no data", "no answer",
    "tbd", "tba", "keine angabe", "k.a.", "k. a.", "unbekannt", "inconnu", "desconocido", "sconosciuto",
    "#ref!", "#div/0!", "#value!", "#name?", "#num!", "#null!", "#error!",
})  # fmt: skip
"""Texts that are usually written for "missing", in lower case."""


def text_reading(table: Table, name: str) -> TextReading | None:
    """Return what the texts of a column are; None for words, for plain numbers, and for any other column."""
    if table.scan.columns[name].kind != TEXT:
        return None
    known = table.scan.columns[name].tally.counts
    texts = list(known) if known is not None else list(table.scan.sample.texts.get(name, {}).values())
    return read_texts([str(t) for t in texts[:_MOST]])


def read_texts(texts: Sequence[str]) -> TextReading | None:
    """Return what all these texts are, words for "missing" aside."""
    some = [t.strip() for t in texts if t.strip() and t.strip().casefold() not in STAND_INS]
    if len(some) < 2 or not any(c.isdigit() for c in some[0]):
        return None
    form = date_format(some)
    if not form and all(_DIGITS.fullmatch(t) for t in some):
        zeros = [t for t in some if len(t) > 1 and t[0] == "0"]
        return TextReading(kind=CODE, example=zeros[0], how="as text: zeros in front count") if zeros else None
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
    if any((m["close"] == ")") != m.string.startswith("(") for m in matches):
        return None
    signs = sorted({s for m in matches for s in (m["before"], m["after"]) if s})
    spaces = any(c in m["whole"] for m in matches for c in _SPACE)
    comma, point = _is_decimal(matches, ","), _is_decimal(matches, ".")
    if comma and point:
        return None
    thousands = "." if comma else ","
    has_thousands = any(thousands in m["whole"] or (m["part"] or "").startswith(thousands) for m in matches)
    steps = [
        *([f"take away {', '.join(map(repr, signs))}"] if signs else []),
        *(f"{t!r} means times {_TIMES[t]:,.0f}" for t in sorted({m["times"] for m in matches if m["times"]})),
        *(["take away the spaces"] if spaces else []),
        *(["brackets mean minus"] if any(m["close"] == ")" for m in matches) else []),
        *(["'-' stands behind the number"] if any(m["close"] == "-" for m in matches) else []),
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
    sign = -1.0 if match.string.lstrip()[:1] == "-" or match["close"] else 1.0
    return sign * float(f"{whole}.{decimals or 0}") * _TIMES.get(match["times"] or "", 1.0)
