"""A column of one batch of rows in the one shape that everything here measures, whatever engine it came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.core.data.column_profile import BOOLEAN, DATE, NUMBER, OTHER, SEQUENCE, TEXT, Value

Hashes = NDArray[np.uint64]
MAX_TEXT = 200
"""Characters of a text that are kept; its hash covers all of it."""
NUMERIC = frozenset({NUMBER, BOOLEAN, DATE})
CODED = frozenset({TEXT, OTHER})
MICROSECONDS = 1e6
MISSING = np.uint64(0x9AE16A3B2F90404F)
"""The hash of a cell without a value."""
_TWO_TO_53 = 2**53


@dataclass
class Cells:
    """The cells of one column.

    `values` (n,): numbers; 0 and 1; dates as microseconds since 1970; texts as positions in `levels`; sequences as
    their lengths, their elements one after the other in `elements`. `missing` (n,) marks the cells without a value
    (None if there are none); what `values` holds there means nothing.
    """

    kind: str
    dtype: str
    values: NDArray[Any]
    missing: NDArray[np.bool_] | None = None
    levels: Sequence[str] = ()
    declared: Sequence[Any] | None = None
    """Levels of a categorical column, used or not."""
    elements: NDArray[Any] | None = None

    def __len__(self) -> int:
        """Rows."""
        return len(self.values)

    @property
    def present(self) -> NDArray[np.bool_]:
        """(n,) whether there is a value."""
        return np.ones(len(self), dtype=bool) if self.missing is None else ~self.missing


@dataclass
class Batch:
    """Rows that follow each other: columns by name, all of `n_rows`."""

    n_rows: int
    columns: Mapping[str, Cells] = field(default_factory=dict)


def mix(values: Hashes) -> Hashes:
    """SplitMix64's finalizer (Steele, Lea, Flood 2014): every bit of the result depends on every bit of the value."""
    mixed = values ^ (values >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def unique(values: NDArray[Any]) -> NDArray[Any]:
    """The distinct values, sorted. By sorting: several times faster than np.unique's hash table on these arrays."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def among(values: NDArray[Any], known: NDArray[Any]) -> NDArray[np.bool_]:
    """(n,) whether each of `values` is one of `known`. By sorting, as `unique`."""
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    ordered = np.sort(known)
    at = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return np.asarray(ordered[at] == values)


def number_hashes(values: NDArray[Any]) -> Hashes:
    """Hashes of numbers: the same for a value whatever its type, 3 and 3.0 included."""
    if values.dtype.kind == "f":
        wide = values.astype(np.float64, copy=False)
        with np.errstate(invalid="ignore"):
            whole = wide.astype(np.int64)
        bits = np.where(whole == wide, whole, wide.view(np.int64)).view(np.uint64)
    elif values.dtype == np.uint64:
        bits = values
    else:
        bits = values.astype(np.int64).view(np.uint64)
    return mix(bits + np.uint64(0x9E3779B97F4A7C15))


def text_hashes(levels: Sequence[str]) -> Hashes:
    """Hashes of texts: SipHash with a fixed key, so that they are the same in every process."""
    if not len(levels):
        return np.zeros(0, dtype=np.uint64)
    try:
        hashes = pd.util.hash_array(np.array(levels, dtype=object), categorize=False)
    except UnicodeEncodeError:  # lone surrogates
        plain = [level.encode("utf-8", "backslashreplace").decode() for level in levels]
        hashes = pd.util.hash_array(np.array(plain, dtype=object), categorize=False)
    return np.asarray(hashes, dtype=np.uint64)


def level_hashes(cells: Cells) -> Hashes:
    """Hashes of the levels of coded cells."""
    return text_hashes(cells.levels)


def cell_hashes(cells: Cells, levels: Hashes | None = None) -> Hashes:
    """(n,) a hash of every cell; all missing cells have the same. `levels` are the hashes of coded cells' levels."""
    hashes: Hashes
    if cells.kind in CODED:
        known = level_hashes(cells) if levels is None else levels
        hashes = np.append(known, MISSING)[cells.values]
    elif cells.kind == SEQUENCE:
        hashes = _sequence_hashes(cells)
    else:
        hashes = number_hashes(cells.values)
    if cells.missing is not None:
        hashes[cells.missing] = MISSING
    return hashes


def _sequence_hashes(cells: Cells) -> Hashes:
    """A hash of every sequence: of its elements, each with its place."""
    lengths = cells.values.astype(np.int64)
    elements = cells.elements if cells.elements is not None else np.zeros(0)
    starts = np.cumsum(lengths) - lengths
    place = np.arange(len(elements)) - np.repeat(starts, lengths)
    hashed = text_hashes([str(e) for e in elements]) if elements.dtype.kind in "OU" else number_hashes(elements)
    placed = mix(hashed + place.astype(np.uint64) * np.uint64(0xD6E8FEB86659FD93))
    total = np.append(np.zeros(1, dtype=np.uint64), np.cumsum(placed, dtype=np.uint64))
    return mix(total[starts + lengths] - total[starts] + lengths.astype(np.uint64))


def as_floats(cells: Cells) -> NDArray[np.float64]:
    """(n,) numbers as floats, dates as seconds since 1970, NaN where missing; for kinds in NUMERIC and sequences."""
    floats = cells.values.astype(np.float64)
    if cells.kind == DATE:
        floats /= MICROSECONDS
    if cells.missing is not None:
        floats[cells.missing] = np.nan
    return floats


def plain_number(number: float, kind: str) -> Value:
    """A number of a column of this kind (dates in seconds) as people and JSON know it."""
    if kind == BOOLEAN:
        return bool(number)
    if kind == DATE:
        return iso_date(number)
    return int(number) if float(number).is_integer() and abs(number) < _TWO_TO_53 else float(number)


def iso_date(seconds: float) -> str:
    """Seconds since 1970 as ISO 8601; the time of day only where there is one."""
    try:
        moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=float(seconds))
    except (OverflowError, ValueError):
        return f"{seconds} s since 1970"
    text = moment.replace(tzinfo=None).isoformat(timespec="auto")
    return text.removesuffix("T00:00:00")


def plain_text(text: str) -> str:
    """The text, cut after MAX_TEXT characters."""
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}..."
