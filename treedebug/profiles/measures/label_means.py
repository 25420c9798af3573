"""Whether a column is the mean label of groups of rows, each row's own label included.

Cheap tests come first, and hardly any column passes them: its values lie within the label's range, its mean is the
label's, and the label's slope over it is near 1 (the mean label of the rows with value v is v, whatever the groups).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import NUMBER
from treedebug.core.data.label_mean_trace import LabelAverage
from treedebug.profiles.measures.table_sample import Floats, Table
from treedebug.profiles.scan.cells import NUMERIC

_SIGMAS, _SLACK = 5.0, 0.25
"""How far mean and slope may lie off: standard errors, and beyond them, which are too small with heavy tails."""
_RISES = 2.0
"""Standard errors of the slope above 0."""
_MIN_ROWS = 50
_MOST_ROWS = 10
"""Of a group."""
_SIZES = range(2, _MOST_ROWS + 1)
_MAX_SPAN = 100
"""Widest range of whole labels that is taken for steps."""
_MIN_BETWEEN = 10
"""Rows with a value between whole numbers."""
_ON_STEPS = 0.9
"""Share of these that must be a multiple of 1 / size; the last group of a table is smaller."""
_NEAR = 1e-6
_SHUFFLES = 5
_MAX_CLASSES = 8


def readings(tables: Sequence[Table]) -> list[Floats]:
    """(n,) each, of all rows of the tables: the label as numbers (NaN: unknown); of few values each as 1 against 0."""
    found: list[Floats] = []
    cells = [t.cells(t.scan.layout.label) for t in tables]
    known = np.concatenate([t.present(t.scan.layout.label) for t in tables])
    if len({c.dtype for c in cells}) > 1:
        return found
    joined = np.concatenate(cells)
    if all(t.scan.columns[t.scan.layout.label].kind in NUMERIC for t in tables):
        found.append(np.asarray(joined, dtype=np.float64))
    distinct = np.unique(joined[known])
    if 2 <= len(distinct) <= _MAX_CLASSES:
        found += [np.where(known, joined == v, np.nan) for v in distinct[::-1]]
    return found


def label_average(tables: Sequence[Table], name: str, labels: Sequence[Floats]) -> LabelAverage | None:
    """The traces of an average of one of the labels, the first the column fits; None for any other column."""
    if any(t.scan.columns[name].kind != NUMBER for t in tables):
        return None
    x = np.concatenate([t.floats(name) for t in tables])
    return next((found for y in labels if (found := _traces(x, y)) is not None), None)


def _traces(x: Floats, y: Floats) -> LabelAverage | None:
    finite = np.isfinite(x)
    if finite.sum() < _MIN_ROWS or x[finite].min() < np.nanmin(y) - _NEAR or x[finite].max() > np.nanmax(y) + _NEAR:
        return None
    both = finite & np.isfinite(y)
    x, y = x[both], y[both]
    line = _slope(x, y) if len(x) >= _MIN_ROWS else None
    if line is None:
        return None
    size, n_exact, n_chance = _exact(x, y)
    step, n_impossible, n_expected = _steps(x, y)
    return LabelAverage(
        size=step or size, n_rows=len(x), n_exact=n_exact, n_chance=n_chance,
        n_impossible=n_impossible, n_expected=n_expected, slope=line[0], slope_error=line[1],
    )  # fmt: skip


def _slope(x: Floats, y: Floats) -> tuple[float, float] | None:
    """Slope and its error (White's), if the mean is the label's and the slope is about 1 and not 0."""
    dx, gap = x - x.mean(), y - x
    spread = float(dx @ dx)
    if spread <= 0 or abs(gap.mean()) > _SIGMAS * gap.std() / np.sqrt(len(x)) + _NEAR * y.std():
        return None
    slope = float(dx @ y) / spread
    rest = y - y.mean() - slope * dx
    error = float(np.sqrt(np.square(dx * rest).sum())) / spread
    return (slope, error) if abs(slope - 1.0) <= _SIGMAS * error + _SLACK and slope > _RISES * error else None


def _exact(x: Floats, y: Floats) -> tuple[int, int, float]:
    """The most frequent size of the groups that average exactly, how many do, and how many by chance."""
    _, group, counts = np.unique(x, return_inverse=True, return_counts=True)
    several = (counts > 1)[group]
    values, group, counts = np.unique(x[several], return_inverse=True, return_counts=True)
    gap, near = (y - x)[several], _NEAR * float(y.std())
    hits = _hits(group, counts, gap, near)
    sizes = np.minimum(counts, _denominators(values)) if (y == np.rint(y)).all() else counts
    small = sizes <= _MOST_ROWS
    if (counts * small)[hits].sum() < counts[hits].sum() / 2:  # most groups are large: a mean of them leaks little
        small = counts <= _MOST_ROWS
    rng = np.random.default_rng(0)
    chance = [int((small & _hits(group, counts, rng.permutation(gap), near)).sum()) for _ in range(_SHUFFLES)]
    found = hits & small
    size = int(np.bincount(sizes[found], weights=counts[found]).argmax()) if found.any() else 0
    return size, int(found.sum()), float(np.mean(chance))


def _denominators(values: Floats) -> NDArray[np.int64]:
    """(n,) the smallest number of whole labels that averages to each value, one more than _MOST_ROWS beyond."""
    found = np.full(len(values), _MOST_ROWS + 1, dtype=np.int64)
    for size in range(_MOST_ROWS, 0, -1):
        found[_on_steps(values, size)] = size
    return found


def _hits(group: NDArray[np.int64], counts: NDArray[np.int64], gap: Floats, near: float) -> NDArray[np.bool_]:
    """Groups whose labels differ from the value, and do so by 0 on average."""
    total = np.bincount(group, gap, minlength=len(counts))
    apart = np.bincount(group, np.abs(gap), minlength=len(counts))
    return np.asarray((np.abs(total) <= near * counts) & (apart > 2 * near * counts))


def _steps(x: Floats, y: Floats) -> tuple[int, int, float]:
    """The group size by the column's steps (0: none), the rows that cannot be, and how many they would be by chance."""
    low, span = float(y.min()), float(np.ptp(y))
    if span > _MAX_SPAN or not (y == np.rint(y)).all():
        return 0, 0, 0.0
    between = np.abs(x - np.rint(x)) > _NEAR
    if between.sum() < _MIN_BETWEEN:
        return 0, 0, 0.0
    size = next((g for g in _SIZES if _on_steps(x[between], g).mean() >= _ON_STEPS), 0)
    if not size:
        return 0, 0, 0.0
    kept = _on_steps(x, size)
    total, ranked = size * (x[kept] - low), np.sort(y - low)
    most, least = total + _NEAR, total - (size - 1) * span - _NEAR
    mine = (y - low)[kept]
    expected = 1.0 - (np.searchsorted(ranked, most, "right") - np.searchsorted(ranked, least, "left")) / len(ranked)
    return size, int(((mine > most) | (mine < least)).sum()), float(expected.sum())


def _on_steps(x: Floats, size: int) -> NDArray[np.bool_]:
    return np.asarray(np.abs(size * x - np.rint(size * x)) <= size * _NEAR)
