"""Columns that hold more than one kind of thing: the known cases of DA614."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from treedebug.core.data.column_profile import ColumnProfile
from treedebug.core.data.text_reading import AMOUNT, DATE_TEXT
from treedebug.core.findings import Severity
from treedebug.rules.data._column_words import MOST, nearly, shown, values

_HALF = 0.5
_GROUPS = 5


@dataclass(frozen=True)
class Mixture:
    """Columns with one such fault; `phrases` name each with what is to be said of it."""

    kind: str
    severity: Severity
    columns: list[str]
    phrases: list[str]
    change: tuple[str, str] = ("", "")
    """A parameter, to be given the columns, and why."""
    numbers: dict[str, Any] = field(default_factory=dict)


def of_numbers(columns: Sequence[ColumnProfile], min_share: float) -> Iterator[Mixture]:
    """Texts that read as numbers, beside those that do not."""
    words = [c for c in columns if c.reads_as is None]
    shares = {c.name: c.n_numeric_texts / max(c.n_present - c.n_empty, 1) for c in words}
    to_numbers = ("to_numeric", "words become NaN")
    for kind, severity, change, found in (
        ("numbers and words", Severity.WARNING, to_numbers, {n: s for n, s in shares.items() if _HALF <= s < 1.0}),
        ("numbers among words", Severity.INFO, ("", ""), {n: s for n, s in shares.items() if min_share <= s < _HALF}),
        ("numbers stored as text", Severity.INFO, to_numbers, {n: s for n, s in shares.items() if s == 1.0}),
    ):
        if found:
            phrases = [f"{name} ({nearly(s)} numbers)" for name, s in found.items()]
            yield Mixture(kind, severity, list(found), phrases, change, {"shares": dict(list(found.items())[:MOST])})


def of_readings(columns: Sequence[ColumnProfile]) -> Iterator[Mixture]:
    """Texts that are amounts or dates, with how to read them."""
    for kind, what, severity, parameter in (
        (AMOUNT, "numbers written as text", Severity.WARNING, "to_numeric"),
        (DATE_TEXT, "dates written as text", Severity.INFO, "to_datetime"),
    ):
        found = {c.name: c.reads_as for c in columns if c.reads_as is not None and c.reads_as.kind == kind}
        if found:
            phrases = [f"{name} ({shown(r.example)})" for name, r in found.items()]
            hows = list(dict.fromkeys(r.how for r in found.values()))
            why = f"format {hows[0]!r}" if kind == DATE_TEXT else f"read as numbers first: {hows[0]}"
            yield Mixture(what, severity, list(found), phrases, (parameter, why), {"how": hows[:MOST]})


def of_spellings(columns: Sequence[ColumnProfile], max_values: int) -> Iterator[Mixture]:
    """Texts that differ by case or white space only."""
    spelt = [c for c in columns if c.n_variants]
    for kind, severity, found in (
        ("several spellings of one value", Severity.WARNING, [c for c in spelt if c.n_distinct <= max_values]),
        ("several spellings in free text", Severity.INFO, [c for c in spelt if c.n_distinct > max_values]),
    ):
        if found:
            shown = {c.name: [v for g in c.variants[:_GROUPS] for v in g.values] for c in found[:MOST]}
            first = {c.name: values([v.value for v in c.variants[0].values], 3) if c.variants else "" for c in found}
            numbers = {
                "n_variants": {c.name: c.n_variants for c in found[:MOST]},
                "values": {name: [[v.value, v.count] for v in some] for name, some in shown.items()},
            }
            phrases = [f"{name} ({listed})" for name, listed in first.items()]
            yield Mixture(kind, severity, list(first), phrases, ("normalize", "strip white space, one case"), numbers)
