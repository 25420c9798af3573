"""Columns of a series that hold the label of their own row: a rolling mean that ends with today, a running total."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.label_traces import OwnLabelTrace
from treedebug.profiles.measures.table_sample import Floats, Table
from treedebug.profiles.scan.cells import CODED, NUMERIC

_MIN_ROWS, _MOST_ROWS = 60, 3000
_WIDTHS = (*range(1, 32), 42, 52, 56, 60, 84, 90, 91, 100, 180, 182, 200, 364, 365)
_ROWS_A_SHOP, _MOST_SHOPS = 30, 6
_PARTED = 0.1
"""Share of the rows that may not fit: those where one series ends and the next begins."""
_FEWEST_MOVES = 0.25
"""Share of the rows with a new value of the column, and with another label than the most frequent one: more by far than
what may not fit, or its last value alone tells a column that hardly ever changes."""
_SAME = 0.9999
"""Correlation with the label of a column that is the label itself."""
_CARRIED = 0.2
"""Correlation of a column with its last value: a half for a mean of two rows, more for longer ones."""
_NEW = 0.15
"""Correlation of column and label beyond what the last values of both tell."""
_FIRST_ROWS = 800
"""Rows on which widths are tried; the best is then proved on all."""
_EXACT = 0.02
_LEAST = 0.01
"""What the last values leave open of a column, as a share of the spread of its steps, for a label to explain."""


def own_labels(table: Table, names: Sequence[str], label: str) -> tuple[OwnLabelTrace, ...]:
    """Return the columns that are made of the label of their own row and of earlier rows, in the order of time.

    A rolling mean moves by its share of the newest label and of the one that drops out: its value is a sum of its last
    value, the row's own label, and one earlier label. So are running totals, weighted means and differences.
    """
    y = _labels(table, label)
    if y is None or not table.is_whole:  # rows of a sample do not follow each other
        return ()
    orders = list(_orders(table, names, len(y)))
    found: list[OwnLabelTrace] = []
    for name in names:
        if table.scan.columns[name].kind in NUMERIC and name != table.scan.time:
            traces = (own_label(name, table.floats(name)[order], y[order]) for order in orders)
            found += itertools.islice((t for t in traces if t is not None), 1)
    return tuple(found)


def _orders(table: Table, names: Sequence[str], n: int) -> Iterator[NDArray[np.int64]]:
    """Rows as they follow each other: in time, as they stand, and in time one shop after the other."""
    when = table.floats(table.scan.time) if table.scan.time else np.arange(n, dtype=np.float64)
    yield np.argsort(when, kind="stable")[:_MOST_ROWS]
    if table.scan.time and (np.diff(when) < 0).any():
        yield np.arange(min(n, _MOST_ROWS))
    shops = [c for name in names if (c := table.scan.columns[name]).kind in CODED or c.moments.is_whole]
    few = [c.name for c in shops if 2 <= c.distinct.estimate() <= n / _ROWS_A_SHOP and c.name != table.scan.time]
    for name in few[:_MOST_SHOPS]:
        yield np.lexsort((when, table.codes(name)[0]))[:_MOST_ROWS]


def _labels(table: Table, label: str) -> Floats | None:
    if table.n < _MIN_ROWS:
        return None
    if not table.is_coded(label):
        return table.floats(label)
    codes, distinct = table.codes(label)
    return np.where(codes < 0, np.nan, codes) if len(distinct) == 2 else None


def own_label(name: str, column: Floats, y: Floats) -> OwnLabelTrace | None:
    """Return how a column is made of its row's own label; None where it is not."""
    known = np.isfinite(column) & np.isfinite(y)
    if known.sum() < _MIN_ROWS or np.ptp(column[known]) <= 0 or np.ptp(y[known]) <= 0:
        return None
    if not _moves_often(column[known], y[known]) or abs(float(np.corrcoef(column[known], y[known])[0, 1])) > _SAME:
        return None
    first = slice(0, _FIRST_ROWS)
    if not _moves_slowly(column) or not _moves_with(column[first], y[first]):
        return None
    widths = [w for w in _WIDTHS if w < min(int(known[first].sum()), _FIRST_ROWS) // 2]
    tried = [_fit(name, column[first], y[first], width) for width in widths]
    best = min(tried, key=lambda t: t.left) if tried else None
    if best is None or best.left > _EXACT:
        return None
    whole = _fit(name, column, y, max(best.width, 1))
    return whole if whole.left <= _EXACT else None


def _moves_often(column: Floats, y: Floats) -> bool:
    usual = np.unique(y, return_counts=True)[1].max() / len(y)
    return float((np.diff(column) != 0).mean()) >= _FEWEST_MOVES and 1.0 - usual >= _FEWEST_MOVES


def _moves_slowly(column: Floats) -> bool:
    """Whether a value tells the next one: of rows in no order none does, and nothing is to be looked for."""
    now, then = column[1:], column[:-1]
    both = np.isfinite(now) & np.isfinite(then)
    if both.sum() < _MIN_ROWS or np.ptp(now[both]) <= 0 or np.ptp(then[both]) <= 0:
        return False
    return abs(float(np.corrcoef(now[both], then[both])[0, 1])) >= _CARRIED


def _moves_with(column: Floats, y: Floats) -> bool:
    """Whether the label says something of the column that the last values of both do not."""
    last = np.stack([column[:-1], y[:-1], np.ones(len(y) - 1)], axis=1)
    now = np.stack([column[1:], y[1:]], axis=1)
    known = np.isfinite(last).all(axis=1) & np.isfinite(now).all(axis=1)
    if known.sum() < _MIN_ROWS:
        return False
    rest = now[known] - last[known] @ np.linalg.lstsq(last[known], now[known], rcond=None)[0]
    size = float(np.sqrt(np.square(rest).sum(axis=0).prod()))
    return size > 0 and abs(float(rest.prod(axis=1).sum())) >= _NEW * size


def _fit(name: str, column: Floats, y: Floats, width: int) -> OwnLabelTrace:
    """How well the last value, the own label and the label `width` rows before tell the column."""
    told = np.stack([column[width - 1 : -1], y[:-width], np.ones(len(y) - width), y[width:]], axis=1)
    value = column[width:]
    fits = np.isfinite(told).all(axis=1) & np.isfinite(value)
    told, value = told[fits], value[fits]
    told[:, :2] -= told[:, :2].mean(axis=0)
    for turn in range(3):  # without the rows that fit least: the first ones of each series
        weights, *_ = np.linalg.lstsq(told, value, rcond=None)
        off = np.abs(value - told @ weights)
        inside = off <= np.quantile(off, 1.0 - _PARTED)
        if turn < 2:
            told, value = told[inside], value[inside]
    without, *_ = np.linalg.lstsq(told[:, :3], value, rcond=None)
    left, all_ = (float(np.std(value - told[:, : len(w)] @ w)) for w in (weights, without))
    tiny = 1e-9 * float(np.std(value)) + 1e-300
    share = left / all_ if all_ > max(1e3 * tiny, _LEAST * float(np.std(np.diff(value)))) else 1.0
    steady = abs(weights[1]) <= _EXACT * abs(weights[3])
    return OwnLabelTrace(column=name, weight=float(weights[3]), width=0 if steady else width, left=share)
