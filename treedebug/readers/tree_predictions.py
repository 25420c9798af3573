"""Predictions straight from a TreeTable, with numpy alone: the margin after every round at the cost of its trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.model_facts import ModelFacts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_LIGHTGBM_ZERO = float(np.float32(1e-35))
_XGBOOST_MAX_CATEGORY = 2**24
"""XGBoost takes a category of this size or more (no longer exact in float32) for an invalid one."""


def leaf_positions(table: TreeTable, X: Floats) -> Ints:
    """Return (n_rows, n_trees) flat node position of the leaf that each row falls into.

    NaN is missing, categories are codes.
    """
    positions = np.empty((len(X), table.n_trees), dtype=np.int64)
    for t, leaves in enumerate(leaves_by_tree(table, X)):
        positions[:, t] = leaves
    return positions


def leaves_by_tree(table: TreeTable, X: Floats) -> Iterator[Ints]:
    """Yield for each tree (n_rows,) the flat node position of the leaf that each row falls into."""
    columns = _columns(table, X)
    for t in range(table.n_trees):
        yield _leaves(table, t, columns)


def tree_outputs(table: TreeTable, X: Floats) -> Iterator[Floats]:
    """Yield each tree's votes: leaf values times the tree's weight, (n_rows,) or (n_rows, n_outputs)."""
    columns = _columns(table, X)
    for t in range(table.n_trees):
        yield _outputs(table, t, _leaves(table, t, columns), columns)


def margins_by_round(
    tables: TreeTable | Iterable[TreeTable], X: Floats, facts: ModelFacts
) -> Iterator[tuple[int, Floats]]:
    """Yield (round_index, margin (n_rows, n_outputs)) after each round.

    `tables` may be successive slices of one booster. Sums are formed in the library's own precision and order, so
    that the last margin is the library's own to the last bit. An averaged model (rf) yields the average so far, as
    `predict()` does; LightGBM's `predict(raw_score=True)` leaves it at the sum.
    """
    dtype = np.float32 if facts.library == "xgboost" else np.float64
    total = np.zeros((len(X), facts.n_outputs), dtype=dtype)
    total += facts.base_margin.astype(dtype)
    n_rounds = 0
    for table in [tables] if isinstance(tables, TreeTable) else tables:
        outputs = tree_outputs(table, X)
        for t, output in enumerate(outputs):
            if table.leaf_vectors is not None:
                total += output.astype(dtype)
            else:
                total[:, table.class_index[t]] += output.astype(dtype)
            if t + 1 == table.n_trees or table.round_index[t + 1] != table.round_index[t]:
                n_rounds += 1
                margin = total.astype(np.float64)
                yield int(table.round_index[t]), margin / n_rounds if facts.average_output else margin


def _columns(table: TreeTable, X: Floats) -> list[NDArray[np.floating]]:
    """Return the columns of X, each in one piece of memory, as the library sees their values."""
    n_needed = int(table.feature.max(initial=-1)) + 1
    if len(X.shape) <= 1 or X.shape[1] < max(n_needed, 1):
        raise ValueError(f"expected a table of at least {n_needed} columns for these trees, got shape {X.shape}")
    if table.library == "xgboost":
        with np.errstate(over="ignore"):
            return list(np.ascontiguousarray(X.T, dtype=np.float32))
    columns = np.array(X.T, dtype=np.float64, order="C")
    columns[np.abs(columns) <= _LIGHTGBM_ZERO] = 0.0
    return list(columns)


def _leaves(table: TreeTable, t: int, columns: list[NDArray[np.floating]]) -> Ints:
    """Return (n_rows,) flat position of each row's leaf in tree t.

    The rows are dealt out from parent to child, so each level reads every row once, and each node one column.
    """
    start = int(table.offsets[t])
    result = np.full(len(columns[0]), start, dtype=np.int64)
    waiting: list[tuple[int, Ints | None]] = [(start, None)]
    while waiting:
        node, rows = waiting.pop()
        if table.feature[node] < 0:
            if rows is not None:
                result[rows] = node
            continue
        column = columns[table.feature[node]]
        goes_left = _goes_left(table, node, column if rows is None else column[rows])
        for child, mask in ((table.left[node], goes_left), (table.right[node], ~goes_left)):
            picked = np.flatnonzero(mask) if rows is None else rows[mask]
            if len(picked):
                waiting.append((start + int(child), picked))
    return result


def _goes_left(table: TreeTable, node: int, values: NDArray[np.floating]) -> Bools:
    if node in table.categories:
        return _category_goes_left(table, node, values)
    default_left, threshold = bool(table.default_left[node]), table.threshold[node]
    # Comparisons with NaN are false, so the comparison's sense alone decides where NaN goes.
    if table.library == "xgboost":
        limit = np.float32(threshold)
        return ~(values >= limit) if default_left else values < limit
    missing = table.missing_type[node]
    nan_left = default_left if missing else bool(threshold >= 0)
    left: Bools = ~(values > threshold) if nan_left else values <= threshold
    if missing == 1:
        left[values == 0] = default_left
    return left


def _category_goes_left(table: TreeTable, node: int, values: NDArray[np.floating]) -> Bools:
    categories = table.categories[node]
    size = int(categories.max(initial=-1)) + 1
    listed = np.zeros(size + 1, dtype=np.bool_)
    listed[categories] = True
    missing = np.isnan(values)
    # Codes are cut to integers towards zero, as a C cast does; those outside the set's range land on the last, False.
    codes = np.trunc(np.where(missing, -1, values))
    inside = (codes >= 0) & (codes < size)
    if table.library == "xgboost":
        inside &= (values >= 0) & (values < _XGBOOST_MAX_CATEGORY)
    in_set = listed[np.where(inside, codes, size).astype(np.int64)]
    if table.library == "xgboost":
        return np.where(missing, table.default_left[node], ~in_set)
    return in_set


def _outputs(table: TreeTable, t: int, leaves: Ints, columns: list[NDArray[np.floating]]) -> Floats:
    weight = table.weight[t]
    if table.leaf_vectors is not None:
        return _weighted(table, table.leaf_vectors[leaves], weight)
    values = table.leaf_value[leaves]
    if table.linear:
        values = _linear_values(table, t, leaves, values, columns)
    return _weighted(table, values, weight)


def _weighted(table: TreeTable, values: Floats, weight: float) -> Floats:
    if weight == 1:
        return values
    if table.library == "xgboost":
        return (values.astype(np.float32) * np.float32(weight)).astype(np.float64)
    return values * weight


def _linear_values(
    table: TreeTable, t: int, leaves: Ints, values: Floats, columns: list[NDArray[np.floating]]
) -> Floats:
    """Return the leaf values with those of linear leaves replaced, except in rows where a used feature is missing."""
    for leaf in range(int(table.offsets[t]), int(table.offsets[t + 1])):
        if leaf not in table.linear:
            continue
        constant, features, coefficients = table.linear[leaf]
        rows = np.flatnonzero(leaves == leaf)
        result = np.full(len(rows), constant)
        for feature, coefficient in zip(features, coefficients, strict=True):
            result += coefficient * columns[feature][rows]
        known = ~np.isnan(result)
        values[rows[known]] = result[known]
    return values
