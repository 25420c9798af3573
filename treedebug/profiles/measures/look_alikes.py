"""Columns of another set that are spread as a training column is: swapped, renamed, or in another unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from treedebug.core.data.column_profile import NUMBER
from treedebug.core.data.data_sets import Drift
from treedebug.core.data.label_traces import LookAlike
from treedebug.profiles.measures.column_drift import distance_of
from treedebug.profiles.measures.table_sample import Floats, Table

_UNITS = {
    "2.54": 2.54, "12": 12.0, "30.48": 30.48, "0.3048": 0.3048, "1.609": 1.609344, "0.4536": 0.45359237,
    "28.35": 28.349523, "10": 10.0, "100": 100.0, "1000": 1e3, "1000000": 1e6, "60": 60.0, "3600": 3600.0,
    "24": 24.0, "7": 7.0, "365.25": 365.25, "3.785": 3.785411784, "4.184": 4.184, "57.3": 180.0 / np.pi,
}  # fmt: skip
_MIN_DRIFT = 0.3
_MAX_LEFT = 0.15
"""Distance left, over the one that is explained."""
_MAX_SWAPPED = 0.4
"""The same where both of a pair must fit."""
_MAX_DISTANCE = 0.1
_MAX_COLUMNS = 30
_MIN_VALUES = 10
_PLAIN = re.compile(r"[\W_]+")


def look_alikes(
    train: Table, other: Table, drifts: Sequence[Drift], missing: Sequence[str], extra: Sequence[str]
) -> tuple[LookAlike, ...]:
    """Return the columns that were swapped, renamed or converted on the way to the other set."""
    far = [d for d in drifts if d.distance >= _MIN_DRIFT and _is_measured(train, d.column)]
    far = sorted((d for d in far if _is_measured(other, d.column)), key=lambda d: -d.distance)[:_MAX_COLUMNS]
    return (*_swapped(train, other, far), *_renamed(train, other, missing, extra), *_converted(train, other, far))


def _is_measured(table: Table, name: str) -> bool:
    column = table.scan.columns[name]
    return column.kind == NUMBER and column.distinct.estimate() >= _MIN_VALUES and bool(len(table.ordered(name)))


def _near(distance: float, before: float, n: int, m: int, *, most: float = _MAX_LEFT) -> bool:
    by_chance = 1.63 * np.sqrt((n + m) / (n * m))  # Kolmogorov's distance of probability 0.01
    return bool(distance <= max(_MAX_DISTANCE, by_chance) and distance <= most * before)


def _swapped(train: Table, other: Table, far: Sequence[Drift]) -> Iterator[LookAlike]:
    for i, one in enumerate(far):
        for two in far[i + 1 :]:
            there = distance_of(train.ordered(one.column), other.ordered(two.column))
            back = distance_of(train.ordered(two.column), other.ordered(one.column))
            if _near(there, one.distance, one.n_train, two.n_other, most=_MAX_SWAPPED) and _near(
                back, two.distance, two.n_train, one.n_other, most=_MAX_SWAPPED
            ):
                yield LookAlike(column=one.column, other_column=two.column, how="swapped", distance=max(there, back))


def _converted(train: Table, other: Table, far: Sequence[Drift]) -> Iterator[LookAlike]:
    for drift in far:
        a, b = train.ordered(drift.column), other.ordered(drift.column)
        found = [(distance_of(a, c), words) for words, c in _readings(b)]
        distance, words = min(found)
        if _near(distance, drift.distance, len(a), len(b)):
            yield LookAlike(column=drift.column, other_column=drift.column, how="unit", unit=words, distance=distance)


def _readings(values: Floats) -> Iterator[tuple[str, Floats]]:
    """The values as they would be in other units, and what was done to them."""
    for name, factor in _UNITS.items():
        yield f"/ {name}", values * factor
        yield f"* {name}", values / factor
    yield "* 1.8 + 32", (values - 32.0) / 1.8
    yield "- 32, / 1.8", values * 1.8 + 32.0
    yield "- 273.15", values + 273.15
    yield "+ 273.15", values - 273.15
    if values[0] > 0 and values[-1] < 700:
        yield "as a logarithm", np.exp(values)
        yield "as log(1 + x)", np.expm1(values)
        yield "as an exponential", np.log(values)


def _renamed(train: Table, other: Table, missing: Sequence[str], extra: Sequence[str]) -> Iterator[LookAlike]:
    """Columns of the same name but for case and marks; what is left, by their numbers, if only one is alike."""
    plain: dict[str, list[str]] = {}
    for name in extra:
        plain.setdefault(_PLAIN.sub("", name.casefold()), []).append(name)
    left = []
    for name in missing:
        alike = plain.get(_PLAIN.sub("", name.casefold()), [])
        if len(alike) == 1:
            yield LookAlike(column=name, other_column=alike[0], how="renamed")
        elif _is_measured(train, name):
            left.append(name)
    taken = {n for names in plain.values() for n in names if len(names) == 1}
    free = [n for n in extra if n not in taken or not any(_same(n, m) for m in missing)]
    numbers = [n for n in free if _is_measured(other, n)][:_MAX_COLUMNS]
    for name in left[:_MAX_COLUMNS]:
        alike = [n for n in numbers if _near(distance_of(train.ordered(name), other.ordered(n)), 1.0, train.n, other.n)]
        if len(alike) == 1:
            yield LookAlike(column=name, other_column=alike[0], how="renamed")


def _same(one: str, two: str) -> bool:
    return _PLAIN.sub("", one.casefold()) == _PLAIN.sub("", two.casefold())
