"""Columns of numbers, many at a time: what a scan gathers of each, without a call of numpy for each.

A table of a few rows and thousands of columns is read in a fraction of the time; of a long table each block is one
column. A block (k, n) holds k columns of n rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import DATE, NUMBER
from treedebug.profiles.scan.alike_rows import alike_hashes
from treedebug.profiles.scan.cells import MICROSECONDS, NUMERIC, Cells, Hashes, number_hashes
from treedebug.profiles.scan.distinct_values import MAX_TALLY
from treedebug.profiles.scan.moments import Moments, Order, moments_of, orders_of

_CELLS = 262_144
_MAX_ROWS = 8 * MAX_TALLY
"""Of longer batches, each column is measured by itself."""


@dataclass
class NumberFacts:
    """What is known of the finite numbers of one column in one batch, all present."""

    moments: Moments
    order: Order
    values: NDArray[np.float64] | None
    """Distinct ones in order, and the rows of each; None if there are more than are tallied."""
    rows: NDArray[np.int64]
    hashes: Hashes
    """Distinct ones in order."""


def blocks(names: Sequence[str], n_rows: int) -> Iterator[Sequence[str]]:
    """Yield the columns in groups of as many as are worked out at once."""
    size = max(1, _CELLS // max(n_rows, 1))
    for start in range(0, len(names), size):
        yield names[start : start + size]


def number_facts(columns: Mapping[str, Cells], n_rows: int) -> tuple[dict[str, Hashes], dict[str, NumberFacts]]:
    """Return the hashes of the cells, and the facts, of complete columns of numbers; nothing of a long table."""
    hashes: dict[str, Hashes] = {}
    facts: dict[str, NumberFacts] = {}
    if not 0 < n_rows <= _MAX_ROWS:
        return hashes, facts
    groups: dict[tuple[bool, np.dtype[np.generic]], list[str]] = {}
    for name, cells in columns.items():
        if cells.kind in NUMERIC and cells.missing is None:
            groups.setdefault((cells.kind == DATE, cells.values.dtype), []).append(name)
    for (is_date, _), names in groups.items():
        for some in blocks(names, n_rows):
            values = np.stack([columns[n].values for n in some])
            hashed = number_hashes(values)
            hashes.update(zip(some, hashed, strict=True))
            numbers = values.astype(np.float64)
            if is_date:
                numbers /= MICROSECONDS
            finite = np.asarray(np.isfinite(numbers).all(axis=1))
            kept = [n for n, is_finite in zip(some, finite.tolist(), strict=True) if is_finite]
            if kept:
                whole = len(kept) == len(some)
                found = _facts(numbers if whole else numbers[finite], hashed if whole else hashed[finite])
                facts.update(zip(kept, found, strict=True))
    return hashes, facts


def _facts(block: NDArray[np.float64], hashes: Hashes) -> Iterator[NumberFacts]:
    n = block.shape[1]
    ordered, hashed = np.sort(block, axis=1), np.sort(hashes, axis=1)
    first = np.ones(block.shape, dtype=bool)
    first_hash = first.copy()
    np.not_equal(ordered[:, 1:], ordered[:, :-1], out=first[:, 1:])
    np.not_equal(hashed[:, 1:], hashed[:, :-1], out=first_hash[:, 1:])
    n_values, n_hashes = first.sum(axis=1).tolist(), first_hash.sum(axis=1).tolist()
    once = np.ones(n, dtype=np.int64)
    for i, (moments, order) in enumerate(zip(moments_of(block), orders_of(block), strict=True)):
        values, rows = None, once
        if n_values[i] == n <= MAX_TALLY:
            values = ordered[i]
        elif n_values[i] <= MAX_TALLY:
            starts = np.flatnonzero(first[i])
            values, rows = ordered[i][starts], np.diff(np.append(starts, n))
        yield NumberFacts(moments, order, values, rows, hashed[i] if n_hashes[i] == n else hashed[i][first_hash[i]])


def row_sums(columns: Mapping[str, Hashes], salts: Mapping[str, np.uint64], n_rows: int) -> Hashes:
    """(n_rows,) the hashes of all columns, each times its salt, added up."""
    total = np.zeros(n_rows, dtype=np.uint64)
    for some in blocks(list(columns), n_rows):
        salted = np.stack([columns[n] for n in some])
        salted *= np.array([salts[n] for n in some], dtype=np.uint64)[:, None]
        total += salted.sum(axis=0, dtype=np.uint64)
    return total


def column_sums(columns: Mapping[str, Hashes], factor: Hashes) -> dict[str, int]:
    """Return the hashes of each column, each times that of its row, added up."""
    found: dict[str, int] = {}
    for some in blocks(list(columns), len(factor)):
        products = np.stack([columns[n] for n in some])
        products *= factor
        found.update(zip(some, products.sum(axis=1, dtype=np.uint64).tolist(), strict=True))
    return found


def alike_columns(columns: Mapping[str, Cells], exact: Mapping[str, Hashes], n_rows: int) -> dict[str, Hashes]:
    """Return `alike_hashes` of each column."""
    found: dict[str, Hashes] = {}
    names = list(columns) if 0 < n_rows <= _MAX_ROWS else []
    plain = [n for n in names if columns[n].kind == NUMBER and columns[n].values.dtype.kind == "f"]
    for some in blocks([n for n in plain if columns[n].missing is None], n_rows):
        values = np.stack([columns[n].values for n in some])
        with np.errstate(over="ignore"):
            found.update(zip(some, number_hashes(values.astype(np.float32).astype(np.float64)), strict=True))
    return found | {n: alike_hashes(cells, exact[n]) for n, cells in columns.items() if n not in found}
