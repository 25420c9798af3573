"""Columns of XGBoost trees -> the node arrays of a TreeTable, for all trees of a batch at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError
from treedebug.core.run.tree_table import LEAF
from treedebug.readers.model_facts import MOST_FEATURES
from treedebug.readers.xgboost.xgboost_scan import Forest

_NO_PARENT = (-1, 2**31 - 1)
"""Of a root, as XGBoost writes it."""
_MIXED_LIMIT = 1 << 27
"""Values in `leaf_vectors` when only some trees have vector leaves (a damaged file could ask for any amount)."""


class _Shape(NamedTuple):
    """The trees' form, over all nodes of the file. Children are flat positions, meaningless in leaves."""

    offsets: NDArray[np.int64]
    root: NDArray[np.int64]
    """First node of each node's tree."""
    split: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    depth: NDArray[np.int64]
    """-1 in nodes that no path from the root reaches: pruned ones."""


class _Order(NamedTuple):
    """Which nodes of the file are kept, and where."""

    keep: NDArray[np.int64]
    """File positions in the order of the table."""
    place: NDArray[np.int64]
    """Table position of each file position; -1 if not kept."""
    offsets: NDArray[np.int64]


@np.errstate(invalid="ignore")  # a damaged file may hold a NaN that signals when it is widened
def node_arrays(forest: Forest, *, n_features: int) -> dict[str, Any]:
    """Return all node arrays of a TreeTable, and its `offsets`, `categories` and `leaf_vectors`."""
    shape = _shape(forest)
    order = _order(shape)
    keep = order.keep
    split = shape.split[keep]
    leaf = ~split
    categorical = split & (forest.column("split_type")[keep] == 1)
    condition = forest.column("split_conditions")[keep].astype(np.float64)
    feature = _masked(forest.column("split_indices")[keep].astype(np.int64), leaf, LEAF)
    _check_features(feature, leaf, n_features)
    first = np.repeat(order.offsets[:-1], np.diff(order.offsets))
    values: dict[str, Any] = {
        "offsets": order.offsets,
        "feature": feature,
        "threshold": np.where(split & ~categorical, condition, np.nan),
        "left": _masked(order.place[shape.left[keep]] - first, leaf, LEAF),
        "right": _masked(order.place[shape.right[keep]] - first, leaf, LEAF),
        "default_left": (forest.column("default_left")[keep] != 0) & split,
        "missing_type": np.full(len(keep), 2, dtype=np.int8),
        "depth": shape.depth[keep],
        # A leaf that once was a split keeps the gain of it.
        "split_gain": _masked(forest.column("loss_changes")[keep].astype(np.float64), leaf, 0.0),
        "sum_hessian": forest.column("sum_hessian")[keep].astype(np.float64),
        "n_rows": np.full(len(keep), -1, dtype=np.int64),
        "leaf_value": _masked(condition, split, np.nan),
    }
    if forest.vectors:
        values["leaf_vectors"] = _leaf_vectors(forest, shape, order)
        with_vectors = np.isin(shape.root, shape.offsets[list(forest.vectors)])
        values["leaf_value"][with_vectors[keep]] = np.nan
    values["categories"] = _categories(forest, shape, order, table_splits=categorical)
    return values


def _masked(values: NDArray[Any], where: NDArray[np.bool_], filler: float) -> NDArray[Any]:
    values[where] = filler
    return values


def _check_features(feature: NDArray[np.int64], leaf: NDArray[np.bool_], n_features: int) -> None:
    highest = int(feature.max(initial=-1))
    if (feature[~leaf] < 0).any() or highest >= (n_features or MOST_FEATURES):
        raise FormatError(f"a tree splits on feature {highest} or on none, where the model has {n_features} features")


def _shape(forest: Forest) -> _Shape:
    sizes = np.array(forest.sizes, dtype=np.int64)
    if (sizes < 1).any():
        raise FormatError(f"tree {int(np.argmin(sizes))} of the file has no nodes")
    offsets = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    root = np.repeat(offsets[:-1], sizes)
    left = forest.column("left_children").astype(np.int64)
    right = forest.column("right_children").astype(np.int64)
    split = left != LEAF
    size = np.repeat(sizes, sizes)
    if (split & ((left < 1) | (right < 1) | (left >= size) | (right >= size))).any():
        raise FormatError("a split in the file names a child that is not in its tree")
    # A leaf's right child may be any number (vector leaves count them there), so point both at a node that exists.
    left, right = np.where(split, left + root, root), np.where(split, right + root, root)
    depth = _depth(offsets[:-1], split=split, left=left, right=right)
    shape = _Shape(offsets, root, split, left, right, depth)
    _check_parents(forest.column("parents"), shape)
    return shape


def _check_parents(parents: NDArray[Any], shape: _Shape) -> None:
    """Raise FormatError where a node names another parent than its own: XGBoost follows it unseen."""
    split = np.flatnonzero(shape.split & (shape.depth >= 0))
    told = split - shape.root[split]
    is_right = (parents[shape.left[split]] == told) & (parents[shape.right[split]] == told)
    is_root = np.isin(parents[shape.offsets[:-1]], _NO_PARENT)
    if not (is_right.all() and is_root.all()):
        raise FormatError("a node in the file names a parent that is not its own")


def _depth(
    roots: NDArray[np.int64], *, split: NDArray[np.bool_], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Walk all trees a level at a time. The stop is for nodes with two parents, and so for circles."""
    depth = np.full(len(split), -1, dtype=np.int64)
    level = roots
    n_visited = n_levels = 0
    while len(level) and n_visited <= len(split):
        n_visited += len(level)
        depth[level] = n_levels
        inner = level[split[level]]
        level = np.concatenate([left[inner], right[inner]])
        n_levels += 1
    if n_visited != np.count_nonzero(depth >= 0):
        raise FormatError("a node in the file has two parents")
    return depth


def _order(shape: _Shape) -> _Order:
    n_nodes = len(shape.split)
    everything = np.arange(n_nodes)
    live = shape.depth >= 0
    inner = live & shape.split
    # Nodes freed by pruning are used again by later splits, and so a child may stand before its parent.
    disordered = bool((inner & ((shape.left <= everything) | (shape.right <= everything))).any())
    if live.all() and not disordered:
        return _Order(everything, everything, shape.offsets)
    keep = np.flatnonzero(live)
    if disordered:
        keep = keep[np.lexsort((keep, shape.depth[keep], shape.root[keep]))]
    place = np.full(n_nodes, -1, dtype=np.int64)
    place[keep] = np.arange(len(keep))
    sizes = np.add.reduceat(live.astype(np.int64), shape.offsets[:-1])
    return _Order(keep, place, np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)]))


def _categories(
    forest: Forest, shape: _Shape, order: _Order, *, table_splits: NDArray[np.bool_]
) -> dict[int, NDArray[np.int64]]:
    """Return the table position of every categorical split -> its categories."""
    found: dict[int, NDArray[np.int64]] = {}
    for tree, (nodes, starts, sizes, values) in forest.categories.items():
        if not len(nodes) == len(starts) == len(sizes):
            raise FormatError(f"tree {tree} of the file lists its categorical splits in unequal arrays")
        a, b = int(shape.offsets[tree]), int(shape.offsets[tree + 1])
        stops = starts + sizes
        inside = (nodes >= 0) & (nodes < b - a) & (starts >= 0) & (stops >= starts) & (stops <= len(values))
        if not inside.all():
            raise FormatError(f"tree {tree} of the file lists categories outside of its arrays")
        for node, start, stop in zip(nodes.tolist(), starts.tolist(), stops.tolist(), strict=True):
            found[int(order.place[a + node])] = values[start:stop]
    nothing = np.zeros(0, dtype=np.int64)
    return {key: found.get(key, nothing) for key in np.flatnonzero(table_splits).tolist()}


def _leaf_vectors(forest: Forest, shape: _Shape, order: _Order) -> NDArray[np.float64]:
    widths = {vectors.shape[1] for vectors in forest.vectors.values()}
    if len(widths) > 1:
        raise FormatError(f"trees in the file have leaf vectors of different lengths: {sorted(widths)}")
    width = widths.pop()
    n_nodes = len(shape.split)
    if len(forest.vectors) < len(forest.sizes) and n_nodes * width > _MIXED_LIMIT:
        raise FormatError(f"only some trees of the file have leaf vectors, {width} long")
    values = np.full((n_nodes, width), np.nan)
    for tree, vectors in forest.vectors.items():
        values[shape.offsets[tree] : shape.offsets[tree + 1]] = vectors
    return values[order.keep]
