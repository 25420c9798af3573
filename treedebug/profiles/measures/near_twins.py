"""Rows of another set that have a twin in the training data: close to it, with its label, and alone in that.

The label of a row's nearest training row is compared with the labels of those a little further away. Where labels are a
smooth function of the columns, both agree about as often; rows of one series, or of one person, agree with their
nearest alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import CLASSES, NUMBER
from treedebug.core.data.label_traces import TwinTrace
from treedebug.profiles.measures.table_sample import Floats, Table

_MIN_ROWS, _MIN_OTHER = 400, 100
_MOST_ROWS, _MOST_OTHER, _MOST_COLUMNS = 20_000, 200, 24
_FURTHER = slice(14, 25)
"""Places of the training rows further away, the nearest being 0."""
_ROWS_A_CLASS = 60
_SAME = 1e-5
"""Squared distance of a row from its copy, in single precision."""


def near_twins(train: Table, other: Table, task: str) -> TwinTrace | None:
    """Return how often the nearest training row has a row's label, and how often those further away."""
    label = train.scan.layout.label
    if not label or other.scan.layout.label != label or train.n < _MIN_ROWS or other.n < _MIN_OTHER:
        return None
    names = [n for n in _numbers(train) if n in set(_numbers(other))][:_MOST_COLUMNS]
    y = None if len(names) < 2 else _labels(train, other, label, task)
    if y is None:
        return None
    mine, theirs = (np.flatnonzero(np.isfinite(part)) for part in y)
    mine, theirs = mine[:_MOST_ROWS], theirs[:_MOST_OTHER]
    if len(mine) < _MIN_ROWS or len(theirs) < _MIN_OTHER:
        return None
    a, b = (
        np.stack([_place(train, n, t.floats(n)[rows]) for n in names], axis=1)
        for t, rows in ((train, mine), (other, theirs))
    )
    squares = (-2.0 * b) @ a.T
    squares += (a * a).sum(axis=1)
    squares += (b * b).sum(axis=1)[:, None]
    near = np.argpartition(squares, _FURTHER.stop, axis=1)[:, : _FURTHER.stop + 1]
    order = np.take_along_axis(near, np.argsort(np.take_along_axis(squares, near, axis=1), axis=1), axis=1)
    own, labels = y[1][theirs], y[0][mine][order]
    copies = np.take_along_axis(squares, order[:, :1], axis=1)[:, 0] <= _SAME
    own, labels = own[~copies], labels[~copies]
    if len(own) < _MIN_OTHER:
        return None
    agree = _agreement(own[:, None], labels, y[0][mine], task)
    return TwinTrace(n_rows=len(own), nearest=float(agree[0]), further=float(agree[_FURTHER].mean()))


def _numbers(table: Table) -> list[str]:
    skipped = (table.scan.layout.group, table.scan.time, table.scan.layout.label)
    columns = table.scan.columns
    return [
        n for n in table.scan.layout.features if n not in skipped and columns[n].kind == NUMBER and columns[n].moments.n
    ]


def _labels(train: Table, other: Table, label: str, task: str) -> tuple[Floats, Floats] | None:
    """Numbers by their rank, classes by their number; NaN for those that are missing, and for rare classes."""
    if train.is_coded(label) != other.is_coded(label):
        return None
    if task != CLASSES:
        if train.is_coded(label):
            return None
        return _ranks(train, label, train.floats(label)), _ranks(train, label, other.floats(label))
    codes, distinct = train.codes(label)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    numbers = np.where(counts >= _ROWS_A_CLASS, np.arange(len(distinct), dtype=np.float64), np.nan)
    cells = other.cells(label)
    at = np.minimum(np.searchsorted(distinct, cells), len(distinct) - 1)
    theirs = np.where((distinct[at] == cells) & other.present(label), numbers[at], np.nan)
    return np.where(codes >= 0, numbers[codes], np.nan), theirs


def _place(train: Table, name: str, values: Floats) -> NDArray[np.float32]:
    """Where values lie in the training rows: 0 in the middle, 1 a width of the middle half away, 3 at most."""
    ordered = train.ordered(name)
    low, middle, high = (float(ordered[int(q * (len(ordered) - 1))]) for q in (0.25, 0.5, 0.75))
    width = (high - low) or float(ordered[-1] - ordered[0]) or 1.0
    found = np.clip((values - middle) / width, -3.0, 3.0).astype(np.float32)
    found[np.isnan(found)] = 0.0
    return found


def _ranks(train: Table, name: str, values: Floats) -> Floats:
    """Ranks among the training rows, from 0 to 1."""
    ordered = train.ordered(name)
    return np.where(np.isnan(values), np.nan, np.searchsorted(ordered, values) / max(len(ordered), 1))


def _agreement(own: Floats, labels: Floats, all_: Floats, task: str) -> NDArray[np.float64]:
    """(k,) of the neighbours at each place: 0 by chance, 1 where all have the row's own label."""
    if task != CLASSES:
        return np.asarray(1.0 - 6.0 * np.square(own - labels).mean(axis=0))
    shares = np.unique(all_, return_counts=True)[1] / len(all_)
    chance = float(np.square(shares).sum())
    return np.asarray(((own == labels).mean(axis=0) - chance) / max(1.0 - chance, 1e-9))
