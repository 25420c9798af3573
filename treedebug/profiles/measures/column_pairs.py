"""Pairs of columns: rank correlation on the sample, and columns that are equal in every row."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import LEVELS, NAN
from treedebug.core.data.table_profile import Pair
from treedebug.profiles.measures.table_sample import Floats, Table
from treedebug.profiles.scan.cells import NUMERIC
from treedebug.profiles.scan.number_blocks import blocks

MAX_PAIRS = 1000
MAX_GROUPS = 100
_BLOCK = 512
_MIN_ROWS = 3
_LARGE = 400_000_000
_STILL = 1e-3
"""Summed squares of ranks (of variance 1) below which a column does not vary on the rows in question."""


def ranks(values: Floats) -> Floats:
    """(n,) ranks of the values, ties sharing their mean rank; NaN where missing."""
    result = np.full(len(values), np.nan)
    present = ~np.isnan(values)
    if present.any():
        result[present] = _block_ranks(values[present][None, :])[0]
    return result


def _block_ranks(block: Floats) -> Floats:
    """(k, n) the ranks within each row of values that are all there."""
    order = np.argsort(block, axis=1)
    ordered = np.take_along_axis(block, order, axis=1)
    at = np.arange(block.shape[1])
    starts, ends = np.ones(block.shape, dtype=bool), np.ones(block.shape, dtype=bool)
    np.not_equal(ordered[:, 1:], ordered[:, :-1], out=starts[:, 1:])
    ends[:, :-1] = starts[:, 1:]
    first = np.maximum.accumulate(np.where(starts, at, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, at, len(at))[:, ::-1], axis=1)[:, ::-1]
    result = np.empty(block.shape)
    np.put_along_axis(result, order, (first + last) / 2.0 + 1.0, axis=1)
    return result


At = slice | NDArray[np.int64]


class Ranked:
    """Columns of numbers as ranks: `values` (k, n) centered, 0 where missing; `known` (k, n); of 3 rows or more."""

    def __init__(self, table: Table, names: list[str]) -> None:
        self.names = [n for n in names if table.scan.columns[n].kind in NUMERIC]
        self.values = np.zeros((len(self.names), table.n), dtype=np.float32)
        self.known = np.ones((len(self.names), table.n), dtype=bool)
        if table.n < _MIN_ROWS:
            return
        start = 0
        for some in blocks(self.names, table.n):
            floats = np.stack([table.floats(n) for n in some])
            known = ~np.isnan(floats)
            whole = known.all(axis=1)
            ranked = np.zeros(floats.shape)
            if whole.any():
                ranked[whole] = _block_ranks(floats[whole] if not whole.all() else floats)
            for i in np.flatnonzero(~whole).tolist():
                ranked[i, known[i]] = ranks(floats[i])[known[i]]
            n_known = np.maximum(known.sum(axis=1), 1)[:, None]
            ranked = np.where(known, ranked - ranked.sum(axis=1, keepdims=True) / n_known, 0.0)
            spread = np.sqrt(np.square(ranked).sum(axis=1, keepdims=True) / n_known)
            self.values[start : start + len(some)] = ranked / np.where(spread > 0, spread, 1.0)
            self.known[start : start + len(some)] = known
            start += len(some)

    def correlations(self, at: slice) -> NDArray[np.float32]:
        """(rows of `at`, columns from the start of `at` on) of pairwise present values.

        NaN where one of the two does not vary there.
        """
        a, b = self.values[at], self.values[at.start :]
        gaps = np.flatnonzero(~self.known[at.start :].all(axis=1))
        with np.errstate(all="ignore"):
            spread = np.square(b).sum(axis=1)
            result = _products(a, b) / np.sqrt(np.outer(spread[: len(a)], spread))
            mine = gaps[gaps < len(a)]
            result[mine] = self._of_pairs(at.start + mine, slice(at.start, None))
            result[:, gaps] = self._of_pairs(at, at.start + gaps)
        return np.asarray(np.clip(result, -1.0, 1.0))

    def _of_pairs(self, first: At, second: At) -> NDArray[np.float32]:
        """(rows of `first`, of `second`) of the values that both have."""
        a, b = self.values[first], self.values[second]
        m_a, m_b = self.known[first].astype(np.float32), self.known[second].astype(np.float32)
        n_both = _products(m_a, m_b)
        sum_a, sum_b = _products(a, m_b), _products(m_a, b)
        cov = _products(a, b) - sum_a * sum_b / n_both
        var_a = _products(a**2, m_b) - sum_a**2 / n_both
        var_b = _products(m_a, b**2) - sum_b**2 / n_both
        result = np.where(n_both >= _MIN_ROWS, cov / np.sqrt(var_a * var_b), np.nan)
        result[(var_a < _STILL) | (var_b < _STILL)] = np.nan
        return np.asarray(result, dtype=np.float32)

    def with_label(self, label: Floats) -> dict[str, float]:
        """Each column's correlation with the label (n,)."""
        ranked = ranks(label)
        result = {}
        for i, name in enumerate(self.names):
            both = self.known[i] & ~np.isnan(ranked)
            x, y = self.values[i][both].astype(np.float64), ranked[both]
            result[name] = _pearson(x, y)
        return result


def _products(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a @ b.T. Small ones without BLAS, whose threads wait long for each other on a busy machine."""
    if a.size * len(b) > _LARGE:
        return np.asarray(a @ b.T)
    return np.asarray(np.einsum("ik,jk->ij", a, b))


def _pearson(x: Floats, y: Floats) -> float:
    if len(x) < _MIN_ROWS:
        return NAN
    x, y = x - x.mean(), y - y.mean()
    spread = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float(np.clip((x * y).sum() / spread, -1, 1)) if spread > 0 else NAN


def strongest_pairs(ranked: Ranked) -> tuple[tuple[Pair, ...], tuple[int, ...], int]:
    """The pairs that correlate most, how many correlate by at least LEVELS, and how many there are."""
    k = len(ranked.names)
    if ranked.values.shape[1] < _MIN_ROWS:
        return (), (0,) * len(LEVELS), k * (k - 1) // 2
    counts = np.zeros(len(LEVELS), dtype=np.int64)
    strong: list[tuple[float, int, int, float]] = []
    for start in range(0, k, _BLOCK):
        block = ranked.correlations(slice(start, start + _BLOCK))
        rows, columns = np.nonzero(np.abs(block) >= LEVELS[0])
        rows, columns = rows[columns > rows], columns[columns > rows]
        values = block[rows, columns].astype(np.float64)
        size = np.abs(values)
        counts += [int((size >= level).sum()) for level in LEVELS]
        if len(size) > MAX_PAIRS:
            best = np.argpartition(-size, MAX_PAIRS)[:MAX_PAIRS]
            rows, columns, values, size = rows[best], columns[best], values[best], size[best]
        places = zip(size.tolist(), (rows + start).tolist(), (columns + start).tolist(), values.tolist(), strict=True)
        strong = sorted([*strong, *places], key=lambda s: (-round(s[0], 6), s[1], s[2]))[:MAX_PAIRS]
    names = ranked.names
    pairs = tuple(Pair(names[i], names[j], r) for _, i, j, r in strong)
    return pairs, tuple(counts.tolist()), k * (k - 1) // 2


def equal_columns(table: Table, names: list[str]) -> list[tuple[str, ...]]:
    """Groups of columns equal in every row, and not the same everywhere; in the order of their first ones.

    Equal by the sums of their hashes over all rows, and confirmed on the rows of the sample.
    """
    groups: dict[tuple[int, int], list[str]] = defaultdict(list)
    for name in names:
        column = table.scan.columns[name]
        if column.distinct.estimate() > 1:
            groups[column.content, column.n_missing].append(name)
    found = []
    for group in groups.values():
        first = group[0]
        same = [first, *(n for n in group[1:] if _equal(table.cells(first), table.cells(n)))]
        if len(same) > 1:
            found.append(tuple(same))
    return found


def _equal(first: NDArray[np.generic], second: NDArray[np.generic]) -> bool:
    return first.dtype == second.dtype and bool(np.array_equal(first, second, equal_nan=first.dtype.kind == "f"))
