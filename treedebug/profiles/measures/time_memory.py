"""Whether neighbours in time have alike labels, beyond a trend: rows of a series are no independent rows."""

from __future__ import annotations

import numpy as np

from treedebug.core.data.column_profile import CLASSES, NAN
from treedebug.profiles.measures.table_sample import Floats, Table

_MIN_ROWS = 100
_PARTS = 12
"""Trends as coarse as so many levels are taken out: what an age, or a season, does to the label."""


def time_memory(table: Table, label: str, task: str) -> float:
    """Return how far the label correlates with that of the next row in time; NaN without a column of time.

    Of classes, the most frequent one stands for all.
    """
    name = table.scan.time
    if not name or not label or (task != CLASSES and table.is_coded(label)):
        return NAN
    codes, _ = table.codes(label)
    when = table.floats(name)
    known = (codes >= 0) & np.isfinite(when)
    if known.sum() < _MIN_ROWS:
        return NAN
    y = codes[known] == np.bincount(codes[known]).argmax() if task == CLASSES else _ranks(table.floats(label)[known])
    return memory(np.asarray(y, dtype=np.float64), when[known])


def memory(y: Floats, when: Floats) -> float:
    """Return the correlation of neighbours by `when`, less the level of each of 12 parts."""
    ordered = y[np.lexsort((mixed(len(y)), when))]
    rest = np.concatenate([part - part.mean() for part in np.array_split(ordered, _PARTS)])
    spread = float(np.square(rest).sum())
    return float((rest[1:] * rest[:-1]).sum() / spread) if spread > 0 else 0.0


def mixed(n: int) -> np.ndarray:
    """Return a fixed order of rows of one time, which may stand sorted by something else."""
    return np.random.default_rng(0).permutation(n)


def _ranks(values: Floats) -> Floats:
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks
