"""What one column alone tells of the label, out of fold: the label's mean in bins of the column, scored on other rows.

No model library, no tuning: a number is cut into bins of equal size, a text is its own bin, what is missing is another.
The mean of each bin is learned on four fifths of the sample and scored on the rest. Equal rows share a fold, so that
a repeated row is never scored with what it taught.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import CLASSES, NAN, Dependence
from treedebug.profiles.measures.table_sample import N_FOLDS, Floats, Table
from treedebug.profiles.scan.cells import unique
from treedebug.profiles.scan.number_blocks import blocks

MAX_BINS = 64
_ROWS_A_BIN = 20
_PRIOR_ROWS = 1.0
_MAX_CLASSES = 20
_MIN_ROWS = 50


@dataclass(frozen=True)
class Target:
    """The label on the sample: `columns` (n, k) holds one indicator per class (one of two), or the numbers."""

    columns: Floats
    known: NDArray[np.bool_]
    is_classes: bool


def target_of(table: Table, label: str, task: str) -> Target | None:
    """The label as numbers to predict; None with fewer than two values or too few rows."""
    codes, distinct = table.codes(label)
    known = codes >= 0
    if known.sum() < _MIN_ROWS or len(distinct) < 2:  # one value cannot be told from itself
        return None
    if task == CLASSES:
        counts = np.bincount(codes[known], minlength=len(distinct))
        best = np.argsort(-counts, kind="stable")[:_MAX_CLASSES]
        best = best[1:] if len(distinct) == 2 else best  # the other class is the complement
        return Target((codes[:, None] == best[None, :]).astype(np.float64), known, is_classes=True)
    if table.is_coded(label):  # amounts written as text
        return None
    numbers = table.floats(label)
    known = np.isfinite(numbers)
    if known.sum() < _MIN_ROWS:
        return None
    middle, spread = np.median(numbers[known]), np.std(numbers[known])
    centered = np.where(known, numbers - middle, 0.0)[:, None]
    return Target(centered / (spread if spread > 0 else 1.0), known, is_classes=False)


@dataclass(frozen=True)
class Binned:
    """Columns in bins: (k, n) the bin of each row, 0 for what is missing; where there are fewer, the last are empty."""

    names: list[str]
    bins: NDArray[np.int64]
    n_bins: int


def binned(table: Table, names: Sequence[str]) -> Iterator[Binned]:
    """Yield the columns in bins, of numbers as many at a time as are worked out at once; without those of one bin."""
    numbers = [n for n in names if not table.is_coded(n)]
    for some in (*blocks(numbers, table.n * N_FOLDS), *([n] for n in names if table.is_coded(n))):
        found = [(n, *bins_of(table, n)) for n in some]
        told = [f for f in found if f[2] > 1]  # two bins, or nothing can be told
        if told:
            yield Binned([n for n, _, _ in told], np.stack([b for _, b, _ in told]), max(k for _, _, k in told))


def dependences(table: Table, columns: Binned, target: Target) -> dict[str, Dependence]:
    """The score of each column; of none that cannot be scored."""
    k, known = len(columns.names), target.known
    shape = (k, columns.n_bins, N_FOLDS)
    place = np.arange(k)[:, None] * columns.n_bins + columns.bins[:, known]
    cell = (place * N_FOLDS + table.folds[known]).ravel()
    n = np.bincount(cell, minlength=k * columns.n_bins * N_FOLDS).reshape(shape).astype(np.float64)
    scores = np.stack([
        _scores(cell, np.tile(target.columns[known, c], k), n, is_classes=target.is_classes)
        for c in range(target.columns.shape[1])
    ])  # fmt: skip
    told = np.isfinite(scores)
    by_fold = np.where(told, scores, 0.0).sum(axis=0) / np.maximum(told.sum(axis=0), 1)
    found = {}
    metric, n_rows = "auc" if target.is_classes else "r2", int(known.sum())
    for name, folds, is_told in zip(columns.names, by_fold, np.asarray(told.any(axis=0)), strict=True):
        some = folds[is_told]
        if len(some):
            error = float(some.std(ddof=1) / np.sqrt(len(some))) if len(some) > 1 else NAN
            found[name] = Dependence(metric, float(some.mean()), error, n_rows)
    return found


def bins_of(table: Table, name: str) -> tuple[NDArray[np.int64], int]:
    """(n,) the bin of each row, 0 for what is missing, and how many there are."""
    if table.is_coded(name):
        codes, distinct = table.codes(name)
        return codes + 1, len(distinct) + 1 if len(distinct) else 0
    values, ordered = table.floats(name), table.ordered(name)
    if not len(ordered):
        return np.zeros(len(values), dtype=np.int64), 0
    n_bins = int(np.clip(len(ordered) // _ROWS_A_BIN, 2, MAX_BINS))
    edges = unique(ordered[np.linspace(0, len(ordered) - 1, n_bins + 1).astype(np.int64)])
    bins = np.searchsorted(edges, values, side="left") + 1
    bins[np.isnan(values)] = 0
    return bins, len(edges) + 2


def _scores(cell: NDArray[np.int64], y: Floats, n: Floats, *, is_classes: bool) -> Floats:
    """(k, N_FOLDS) the score of each fold of rows in bins, n (k, n_bins, N_FOLDS); NaN where it cannot be told."""
    y_sum = np.asarray(np.bincount(cell, y, minlength=n.size).reshape(n.shape), dtype=np.float64)
    n_learn, y_learn = n.sum(axis=2, keepdims=True) - n, y_sum.sum(axis=2, keepdims=True) - y_sum
    with np.errstate(all="ignore"):
        prior = y_learn.sum(axis=1, keepdims=True) / n_learn.sum(axis=1, keepdims=True)
        guess = (y_learn + _PRIOR_ROWS * prior) / (n_learn + _PRIOR_ROWS)
        if is_classes:
            return 2.0 * _areas(guess, y_sum, n) - 1.0
        y_square = np.bincount(cell, y * y, minlength=n.size).reshape(n.shape)
        left = (y_square - 2 * guess * y_sum + n * guess**2).sum(axis=1)
        mean = y_sum.sum(axis=1) / n.sum(axis=1)
        whole = y_square.sum(axis=1) - n.sum(axis=1) * mean**2
        return np.where(whole > 0, 1 - left / whole, np.nan)


def _areas(guess: Floats, positives: Floats, n: Floats) -> Floats:
    """(k, n_folds) areas under the ROC curves of rows in bins (k, n_bins, n_folds), ties counting half.

    NaN where there is one class only.
    """
    order = np.argsort(guess, axis=1, kind="stable")
    ordered, up, every = (np.take_along_axis(x, order, axis=1) for x in (guess, positives, n))
    down = every - up
    upto = np.cumsum(down, axis=1)
    n_bins = guess.shape[1]
    at = np.arange(n_bins)[None, :, None]
    differs = ordered[:, 1:] != ordered[:, :-1]
    edge = np.ones((len(guess), 1, guess.shape[2]), dtype=bool)
    first = np.maximum.accumulate(np.where(np.concatenate([edge, differs], axis=1), at, 0), axis=1)
    last = np.where(np.concatenate([differs, edge], axis=1), at, n_bins)
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    below = np.take_along_axis(upto - down, first, axis=1) + np.take_along_axis(upto, last, axis=1)
    total = up.sum(axis=1) * down.sum(axis=1)
    return np.asarray(np.where(total > 0, (up * below).sum(axis=1) / 2.0 / np.where(total > 0, total, 1.0), np.nan))
