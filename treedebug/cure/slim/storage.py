"""Numbers in the fewest digits that keep the predictions: leaf values, and thresholds between the rows' values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.tree_table import TreeTable
from treedebug.cure.slim.written_trees import WrittenTrees
from treedebug.readers.tree_predictions import tree_outputs

Floats = NDArray[np.float64]
_EXACT = 17
_NEAR_ZERO = 1e-30
_MOVED = 0.01
"""How far a threshold may move, as a share of the way to the nearer of its two values: new rows lie between them."""


def shortened(trees: WrittenTrees, X: Floats, most: float) -> WrittenTrees:
    """Return LightGBM trees in fewer digits: no margin of X moves by more than `most`, no row changes its leaf.

    XGBoost's binary files hold every number in four bytes, so nothing is gained there.
    """
    if trees.table.library != "lightgbm":
        return trees
    table = replace(trees.table, threshold=_thresholds(trees.table, X))
    exact = _sums(table, X)
    for digits in range(3, _EXACT):
        values = _rounded(trees.values, digits)
        rounded = replace(table, leaf_value=np.where(table.is_leaf, values, np.nan))
        if np.abs(_sums(rounded, X) - exact).max(initial=0.0) <= most:
            return WrittenTrees(rounded, values)
    return WrittenTrees(table, trees.values)


def _sums(table: TreeTable, X: Floats) -> Floats:
    total = np.zeros((len(X), int(table.class_index.max(initial=0)) + 1))
    for t, output in enumerate(tree_outputs(table, X)):
        total[:, table.class_index[t]] += output
    return total


def _rounded(values: Floats, digits: int) -> Floats:
    return np.array([float(f"{v:.{digits}g}") for v in values])


def _thresholds(table: TreeTable, X: Floats) -> Floats:
    """Return each threshold in the fewest digits that leave it at its place between the same two values."""
    result = table.threshold.copy()
    numerical = ~np.isnan(result) & (table.feature >= 0)
    for f in np.unique(table.feature[numerical]):
        column = np.unique(X[:, f][~np.isnan(X[:, f])])
        at = np.flatnonzero(numerical & (table.feature == f))
        known = {t: _between(t, column) for t in np.unique(result[at]).tolist()}
        result[at] = [known[t] for t in result[at].tolist()]
    return result


def _between(threshold: float, column: Floats) -> float:
    """Return the shortest number next to the threshold, from the largest value <= it to below the next larger one."""
    if abs(threshold) < _NEAR_ZERO:  # LightGBM's own zero
        return threshold
    place = int(np.searchsorted(column, threshold, side="right"))
    low = column[place - 1] if place else -np.inf
    high = column[place] if place < len(column) else np.inf
    room = min(threshold - low, high - threshold)
    most = _MOVED * (room if 0 < room < np.inf else abs(threshold))
    for digits in range(1, _EXACT):
        short = float(f"{threshold:.{digits}g}")
        # The sign decides where missing values go, and a value may stand for an infinite bound.
        if (
            abs(short - threshold) <= most
            and low <= short < high
            and (short >= 0) == (threshold >= 0)
            and abs(short) >= _NEAR_ZERO
        ):
            return short
    return threshold


def used_columns(table: TreeTable, keep: Sequence[int]) -> list[int]:
    """Return the features that a split uses or `keep` names, in order; one at least."""
    used = sorted({*map(int, np.unique(table.feature[table.feature >= 0])), *keep})
    return used or [0]
