"""Pairs of columns: rank correlation on the sample, and columns that are equal in every row."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import LEVELS, NAN
from treedebug.core.data.table_profile import Pair
from treedebug.profiles.measures.table_sample import Floats, Table
from treedebug.profiles.scan.cells import NUMERIC

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
    _, inverse, counts = np.unique(values[present], return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    result[present] = (last - (counts - 1) / 2.0)[inverse]
    return result


class Ranked:
    """Columns of numbers as ranks: `values` (n, k) centered, 0 where missing; `known` (n, k)."""

    def __init__(self, table: Table, names: list[str]) -> None:
        self.names = [n for n in names if table.scan.columns[n].kind in NUMERIC]
        values = np.zeros((len(self.names), table.n), dtype=np.float32)
        known = np.ones((len(self.names), table.n), dtype=bool)
        for i, name in enumerate(self.names):
            ranked = ranks(table.floats(name))
            known[i] = ~np.isnan(ranked)
            if known[i].any():
                scaled = ranked - np.nanmean(ranked)
                values[i] = np.where(known[i], scaled / (np.nanstd(ranked) or 1.0), 0.0)
        self.values, self.known = values, known
        self.is_whole = bool(known.all())

    def correlations(self, at: slice) -> Floats:
        """(rows of `at`, k) of pairwise present values; NaN where one of the two does not vary there."""
        a, b = self.values[at], self.values
        with np.errstate(all="ignore"):
            if self.is_whole:
                n = max(a.shape[1], 1)
                spread = (self.values**2).sum(axis=1)
                result = (
                    _products(a, b) / np.sqrt(np.outer(spread[at], spread))
                    if n >= _MIN_ROWS
                    else np.full((len(a), len(b)), np.nan)
                )
            else:
                m_a, m_b = self.known[at].astype(np.float32), self.known.astype(np.float32)
                n_both = _products(m_a, m_b)
                sum_a, sum_b = _products(a, m_b), _products(m_a, b)
                cov = _products(a, b) - sum_a * sum_b / n_both
                var_a = _products(a**2, m_b) - sum_a**2 / n_both
                var_b = _products(m_a, b**2) - sum_b**2 / n_both
                result = np.where(n_both >= _MIN_ROWS, cov / np.sqrt(var_a * var_b), np.nan)
                result[(var_a < _STILL) | (var_b < _STILL)] = np.nan
        return np.clip(result, -1.0, 1.0).astype(np.float64)

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
        size = np.abs(block)
        size[np.arange(k)[None, :] <= np.arange(start, start + len(block))[:, None]] = np.nan
        counts += [int((size >= level).sum()) for level in LEVELS]
        strong += _strongest(block, size, start)
        strong = sorted(strong, key=lambda s: (-round(s[0], 6), s[1], s[2]))[:MAX_PAIRS]
    names = ranked.names
    pairs = tuple(Pair(names[i], names[j], r) for _, i, j, r in strong)
    return pairs, tuple(counts.tolist()), k * (k - 1) // 2


def _strongest(block: Floats, size: Floats, start: int) -> list[tuple[float, int, int, float]]:
    rows, columns = np.nonzero(size >= LEVELS[0])
    if len(rows) > MAX_PAIRS:
        best = np.argpartition(-size[rows, columns], MAX_PAIRS)[:MAX_PAIRS]
        rows, columns = rows[best], columns[best]
    return [
        (float(size[i, j]), start + i, j, float(block[i, j]))
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
    ]


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
