"""Whether all columns together tell the same of the label in another set: one model, scored on both.

A small booster learns on half of the training rows. The areas under its ROC curves on the other half and on the other
set are compared: columns that each tell the same as before may tell something else together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.label_traces import Relation
from treedebug.profiles.measures.changed_relation import Labels, area, difference
from treedebug.profiles.measures.label_noise import fitter
from treedebug.profiles.measures.table_sample import Table

_MOST_ROWS = 4000
_MIN_LEARNED = 200


def joint_relation(
    train: Table, other: Table, names: Sequence[str], labels: Labels, half: NDArray[np.bool_]
) -> Relation | None:
    """Return what the columns tell together in both sets; None without a model, or with too few rows."""
    model = fitter()
    known = [labels[0] >= 0, labels[1] >= 0]
    learn, held = (np.flatnonzero(known[0] & part)[:_MOST_ROWS] for part in (half, ~half))
    new = np.flatnonzero(known[1])[:_MOST_ROWS]
    if model is None or len(names) < 2 or min(len(learn), len(held)) < _MIN_LEARNED:
        return None
    mine, theirs = _matrices(train, other, names)
    y = labels[0]
    if len(np.unique(y[learn])) < 2:
        return None
    (predict,) = model[1](mine[learn], y[learn], 2, [np.arange(len(learn))])
    scores = [predict(mine[held])[:, 1], predict(theirs[new])[:, 1]]
    found = [_counted(s, z) for s, z in zip(scores, (y[held], labels[1][new]), strict=True)]
    areas = [area(*counted) for counted in found]
    if areas[0] is None or areas[1] is None:
        return None
    z = difference(areas[0], areas[1], float(len(held)), found[0][1:], found[1][1:])
    return Relation(column="", train=areas[0], other=areas[1], z=z)


def _counted(
    scores: NDArray[np.float64], y: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The distinct scores, and the rows and positives of each."""
    levels, at = np.unique(scores, return_inverse=True)
    return levels, np.bincount(at).astype(np.float64), np.bincount(at, y).astype(np.float64)


def _matrices(train: Table, other: Table, names: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n, k) of both sets: numbers as they are, texts by their numbers in the training data."""
    columns = []
    for name in names:
        if not train.is_coded(name):
            columns.append((train.floats(name), other.floats(name)))
            continue
        codes, distinct = train.codes(name)
        cells = other.cells(name)
        if not len(distinct):  # no text at all in training: nothing to compare
            columns.append((np.full(train.n, np.nan), np.full(other.n, np.nan)))
            continue
        at = np.minimum(np.searchsorted(distinct, cells), len(distinct) - 1)
        columns.append((np.where(codes < 0, np.nan, codes), np.where(distinct[at] == cells, at, np.nan)))
    both = []
    for i in (0, 1):
        with np.errstate(over="ignore"):
            matrix = np.stack([c[i] for c in columns], axis=1).astype(np.float32)
        matrix[~np.isfinite(matrix)] = np.nan
        both.append(matrix)
    return both[0], both[1]
