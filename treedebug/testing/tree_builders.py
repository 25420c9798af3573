"""Builders of runs tree by tree: nodes joined by hand, or full trees, as flat arrays in a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from treedebug.core.run.records import TreeBatch
from treedebug.core.run.run_data import RunData
from treedebug.core.run.summarize_trees import summarize
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.core.run.tree_table import LEAF, TreeTable
from treedebug.testing.builders import ending, header, rounds

_FlatNode = tuple[int, float, float, float, int, int, int, float]


@dataclass(frozen=True)
class Node:
    """A split with two children, or a leaf (no children)."""

    feature: int = LEAF
    gain: float = 0.0
    hessian: float = 1.0
    value: float = 0.0
    left: Node | None = None
    right: Node | None = None
    threshold: float = 0.5


def leaf(value: float = 0.1, *, hessian: float = 1.0) -> Node:
    """Return a leaf; alone, a root-only tree."""
    return Node(value=value, hessian=hessian)


def split(
    feature: int, left: Node | None = None, right: Node | None = None, *, gain: float = 1.0, threshold: float = 0.5
) -> Node:
    """Return a split; its hessian is its children's."""
    left, right = left or leaf(), right or leaf(-0.1)
    return Node(feature, gain, left.hessian + right.hessian, 0.0, left, right, threshold)


def grown(depth: int, *, gains: Sequence[float] = (1.0,), features: Sequence[int] = (0,), hessian: float = 1.0) -> Node:
    """Return a full tree: `gains[d]` of each split at depth d, on `features[d]` (the last one repeats)."""
    node = leaf(hessian=hessian)
    for d in range(depth - 1, -1, -1):
        gain, feature = gains[min(d, len(gains) - 1)], features[min(d, len(features) - 1)]
        node = split(feature, node, node, gain=gain)
    return node


def tree_table(per_round: Sequence[Node | Sequence[Node]], *, library: str = "xgboost", start: int = 0) -> TreeTable:
    """Return trees as flat arrays: one tree a round, or a list of them (one per class), or none."""
    flat: list[_FlatNode] = []
    offsets, of_round, of_class = [0], [], []
    for k, entry in enumerate(per_round):
        for c, tree in enumerate([entry] if isinstance(entry, Node) else entry):
            _flatten(tree, flat, offsets[-1])
            offsets.append(len(flat))
            of_round.append(start + k)
            of_class.append(c)
    columns = list(zip(*flat, strict=True)) if flat else [()] * 8
    feature = np.array(columns[0], dtype=np.int64)
    is_leaf, n = feature < 0, len(feature)
    return TreeTable(
        library=library,
        offsets=np.array(offsets, dtype=np.int64),
        round_index=np.array(of_round, dtype=np.int64),
        tree_index=np.arange(len(of_round)),
        class_index=np.array(of_class, dtype=np.int64),
        weight=np.ones(len(of_round)),
        feature=feature,
        threshold=np.where(is_leaf, np.nan, np.array(columns[7], dtype=np.float64)),
        left=np.array(columns[4], dtype=np.int64),
        right=np.array(columns[5], dtype=np.int64),
        default_left=np.zeros(n, dtype=bool),
        missing_type=np.full(n, 2, dtype=np.int8),
        depth=np.array(columns[6], dtype=np.int64),
        split_gain=np.array(columns[1], dtype=np.float64),
        sum_hessian=np.array(columns[2], dtype=np.float64),
        n_rows=np.full(n, -1, dtype=np.int64),
        leaf_value=np.where(is_leaf, np.array(columns[3], dtype=np.float64), np.nan),
    )


def trees(
    per_round: Sequence[Node | Sequence[Node]] | TreeTable,
    *,
    n_features: int | None = None,
    run: RunData | None = None,
    **fields: Any,
) -> RunData:
    """Return a run with these trees, as nodes (see `tree_table`) or as a table.

    Rounds without a tree add no iteration.
    """
    run = header(run=run, **fields)
    start = run.header.start_round
    if isinstance(per_round, TreeTable):
        table, n_rounds = per_round, int(per_round.round_index.max(initial=start - 1)) + 1
    else:
        table = tree_table(per_round, library=run.header.library or "xgboost", start=start)
        n_rounds = start + len(per_round)
    n_features = n_features or run.header.n_features or int(table.feature.max(initial=0)) + 1
    run.header.n_features = n_features
    if run.n_rounds < n_rounds:
        grew = np.isin(np.arange(start, n_rounds), table.round_index)
        rounds(n_rounds, iterations=(start + np.cumsum(grew)).tolist(), run=run)
    run.trees = TableTrees(table)
    run.add_stream(TreeSummary, summarize(run.trees, n_features=n_features, n_rounds=run.n_rounds))
    return ending(run)


@dataclass(frozen=True)
class TableTrees:
    """A tree source whose one batch is a table in memory."""

    table: TreeTable

    def batches(self) -> Iterator[TreeBatch]:
        """Yield one batch, or none for an empty table."""
        if self.table.n_trees:
            rounds_in = np.unique(self.table.round_index)
            yield TreeBatch(self.table.library, b"", rounds_in, int(self.table.tree_index[0]))

    def read(self, batch: TreeBatch) -> TreeTable:  # noqa: ARG002 - there is only one
        """Return the table."""
        return self.table


def _flatten(node: Node, flat: list[_FlatNode], first: int, depth: int = 0) -> int:
    """Append a node and, after it, its children; returns its position in the tree."""
    at = len(flat)
    flat.append((node.feature, node.gain, node.hessian, node.value, LEAF, LEAF, depth, node.threshold))
    if node.left is not None and node.right is not None:
        left = _flatten(node.left, flat, first, depth + 1)
        right = _flatten(node.right, flat, first, depth + 1)
        flat[at] = (node.feature, node.gain, node.hessian, node.value, left, right, depth, node.threshold)
    return at - first
