"""The sample of a scanned table, column by column, with what several measures need worked out once."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_names import is_named_id
from treedebug.core.data.column_profile import DATE, PROBABILITIES, TEXT, Value
from treedebug.profiles.scan.cells import CODED, MISSING, NUMERIC, mix, plain_number, unique
from treedebug.profiles.scan.column_scan import ColumnScan
from treedebug.profiles.scan.number_blocks import blocks
from treedebug.profiles.scan.row_hashes import Arrays, Lowest
from treedebug.profiles.scan.table_scan import TableScan

N_FOLDS = 5
Floats = NDArray[np.float64]
_NEVER_TWICE = 0.98
_MIN_ROWS = 50
_MIN_CLASHES = 8.0
"""Pairs of equal values that a draw from the column's range would have."""


def _share(kept: Lowest) -> float:
    return min((float(kept.limit) + 1.0) / 2.0**64, 1.0)


def _quantiles_of(ordered: Floats) -> Floats:
    """(k, len(PROBABILITIES)) of rows of sorted values (k, n)."""
    at = np.array(PROBABILITIES) * (ordered.shape[1] - 1)
    low = np.floor(at).astype(np.int64)
    high, part = np.minimum(low + 1, ordered.shape[1] - 1), at - low
    below, above = ordered[:, low], ordered[:, high]
    with np.errstate(all="ignore"):
        between = below * (1 - part) + above * part
    return np.asarray(np.where(below == above, below, between))


def _names_rows(column: ColumnScan) -> bool:
    """Whether a column of whole numbers or texts hardly repeats a value, although it would by chance."""
    n, moments = column.n_rows, column.moments
    if n < _MIN_ROWS or column.n_missing or column.distinct.estimate() < _NEVER_TWICE * n:
        return False
    if column.kind in (TEXT, DATE):
        return True
    span = moments.maximum - moments.minimum + 1.0
    likely = n * n / (2.0 * span) >= _MIN_CLASHES
    return moments.is_whole and (likely or bool(column.order.name(n)) or is_named_id(column.name))


class Table:
    """A scan at its end: the sampled rows (n,), in their order in the table, and the kept hashes of all rows."""

    def __init__(self, scan: TableScan) -> None:
        self.scan = scan
        self._sample = scan.sample.lowest.rows()
        self.kept: Arrays = scan.kept.rows()
        self._coded: dict[str, tuple[NDArray[np.int64], NDArray[np.generic]]] = {}

    @property
    def n(self) -> int:
        """Rows of the sample."""
        return len(self._sample.get("row", ()))

    @property
    def is_whole(self) -> bool:
        """Whether the sample is the table."""
        return self.n == self.scan.n_rows

    @property
    def kept_share(self) -> float:
        """Share of the table's distinct rows whose hashes were kept."""
        return _share(self.scan.kept)

    @property
    def alike_share(self) -> float:
        """The same of rows that are alike."""
        return _share(self.scan.alike)

    @functools.cached_property
    def naming(self) -> tuple[str, ...]:
        """Features that name the row: hardly a value twice, although there would be by chance."""
        known = self.scan.columns
        return tuple(n for n in self.scan.naming or () if n in known and _names_rows(known[n]))

    def alike(self, without: tuple[str, ...]) -> Arrays:
        """Rows as a booster sees them, without columns that name the row: their hash, key, number and label."""
        kept = self.scan.alike.rows()
        if not kept:
            return {}
        total = kept["total"].astype(np.uint64)
        for name in self.scan.naming or ():
            if name not in without and f"={name}" in kept:
                total = total + kept[f"={name}"].astype(np.uint64)
        return {n: kept[n] for n in ("key", "row", "label") if n in kept} | {"hash": mix(total)}

    @property
    def rows(self) -> NDArray[np.int64]:
        """(n,) their numbers in the table."""
        return np.asarray(self._sample.get("row", np.zeros(0)), dtype=np.int64)

    def beside(self, name: str) -> NDArray[np.generic]:
        """(n,) "hash", "label", "group", "time" or "weight" of the sampled rows; empty if not there."""
        return self._sample.get(name, np.zeros(0))

    @functools.cached_property
    def folds(self) -> NDArray[np.int64]:
        """(n,) a fold of each row; equal rows share one."""
        return (mix(self.beside("hash").astype(np.uint64)) % np.uint64(N_FOLDS)).astype(np.int64)

    def is_coded(self, name: str) -> bool:
        """Whether a column has texts or other things, and not numbers."""
        return self.scan.columns[name].kind in CODED

    def cells(self, name: str) -> NDArray[np.generic]:
        """(n,) floats, or hashes of a coded column."""
        values = self._sample.get(f"={name}", np.zeros(0))
        if self.is_coded(name) and values.dtype.kind == "f":  # never a value
            return np.full(len(values), MISSING)
        return values

    def floats(self, name: str) -> Floats:
        """(n,) of a column of numbers, dates or sequences; NaN where missing."""
        return np.asarray(self.cells(name), dtype=np.float64)

    def present(self, name: str) -> NDArray[np.bool_]:
        """(n,) whether there is a value."""
        cells = self.cells(name)
        return np.asarray(cells != MISSING if self.is_coded(name) else ~np.isnan(cells.astype(np.float64)))

    @functools.cached_property
    def sorted_blocks(self) -> list[tuple[list[str], Floats]]:
        """The columns of finite numbers alone, many at a time: their names, and (k, n) their values in order."""
        found = []
        numbers = [n for n, c in self.scan.columns.items() if c.kind in NUMERIC and not c.n_missing + c.n_infinite]
        for names in blocks(numbers if self.n else [], self.n):
            values = np.stack([self.floats(n) for n in names])
            finite = np.asarray(np.isfinite(values).all(axis=1))  # as it should be
            kept = [n for n, is_finite in zip(names, finite.tolist(), strict=True) if is_finite]
            found.append((kept, np.sort(values if finite.all() else values[finite], axis=1)))
        return found

    @functools.cached_property
    def _sorted(self) -> dict[str, Floats]:
        return {n: row for names, values in self.sorted_blocks for n, row in zip(names, values, strict=True)}

    def ordered(self, name: str) -> Floats:
        """The finite values of a column of numbers, sorted."""
        if name not in self._sorted:
            values = self.floats(name)
            self._sorted[name] = np.sort(values[np.isfinite(values)])
        return self._sorted[name]

    @functools.cached_property
    def _quantiles(self) -> dict[str, tuple[float, ...]]:
        found: dict[str, tuple[float, ...]] = {}
        for names, values in self.sorted_blocks:
            found.update(zip(names, map(tuple, _quantiles_of(values).tolist()), strict=True))
        return found

    def quantiles(self, name: str) -> tuple[float, ...]:
        """At PROBABILITIES, of the finite values of a column of numbers, linear in between; empty without values."""
        if name not in self._quantiles:
            ordered = self.ordered(name)
            self._quantiles[name] = tuple(_quantiles_of(ordered[None, :])[0].tolist()) if len(ordered) else ()
        return self._quantiles[name]

    def n_distinct(self, name: str) -> int:
        """Distinct values of any column in the sample."""
        if self.scan.columns[name].kind in NUMERIC and not self.scan.columns[name].n_infinite:
            ordered = self.ordered(name)
            return int((ordered[1:] != ordered[:-1]).sum()) + 1 if len(ordered) else 0
        return len(unique(self.cells(name)[self.present(name)]))

    def codes(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.generic]]:
        """(n,) positions in the distinct cells (-1 where missing), and these, of any column; the label's are kept."""
        if name == self.scan.layout.label:
            if name not in self._coded:
                self._coded[name] = self._codes(name)
            return self._coded[name]
        return self._codes(name)

    def _codes(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.generic]]:
        cells, present = self.cells(name), self.present(name)
        distinct, inverse = np.unique(cells[present], return_inverse=True)
        codes = np.full(len(cells), -1, dtype=np.int64)
        codes[present] = inverse
        return codes, distinct

    def value(self, name: str, cell: np.generic) -> Value:
        """What a cell of a column means to a person."""
        column = self.scan.columns[name]
        if column.kind in CODED:
            return self.scan.sample.texts.get(name, {}).get(int(cell), "")
        return plain_number(float(cell), column.kind)
