"""One tree, to look into: its splits, gains, rows and leaf values, laid out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.run.run_data import Header, RunData
from treedebug.core.run.tree_table import TreeTable
from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of
from treedebug.pictures.tree_anatomy import NO_TREES

MOST_NODES = 511
_MOST_CATEGORIES = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class OneTree(Picture):
    """The nodes of a tree, parents before children; columns (n_nodes,)."""

    name: ClassVar[str] = "one_tree"
    question: ClassVar[str] = "What did this round decide, and on how many rows?"

    round_index: int
    tree: int
    """Position among the trees of the round."""
    n_trees: int
    """Of the round."""
    class_index: int
    parent: Ints
    """Position of the parent; -1 of the root."""
    is_left: tuple[bool, ...]
    """The node is where the parent's condition holds."""
    depth: Ints
    x: Floats
    """Place across, 0..1; `depth` is the place down."""
    condition: tuple[str, ...]
    """"age < 30.5", "colour in {1, 4}"; "" of a leaf."""
    feature: tuple[str, ...]
    missing_left: tuple[bool, ...]
    gain: Floats
    """NaN in a leaf."""
    sum_hessian: Floats
    n_rows: Ints
    """Training rows; -1 where the library does not record them (XGBoost)."""
    value: Floats
    """Leaf value after shrinkage; NaN in a split."""
    n_hidden: Ints
    """Nodes that are left out below: the deepest of a tree of more than 511 nodes."""


def one_tree(run: AnyRun, round_index: int, tree: int = 0) -> OneTree | NoPicture:
    """Return a tree of a round: the first, or that of class `tree`."""
    data = data_of(run)
    found = _table_of(data, round_index)
    if found is None:
        n = data.n_rounds
        return NoPicture(
            f"round {round_index} has no recorded tree: {n} rounds are recorded, from 0" if n else NO_TREES
        )
    if not 0 <= tree < found.n_trees:
        return NoPicture(f"round {round_index} has {found.n_trees} trees, from 0; there is no tree {tree}")
    return _laid_out(found.select(tree, tree + 1), data.header, round_index, tree, found.n_trees)


def _table_of(run: RunData, round_index: int) -> TreeTable | None:
    for batch in run.trees.batches():
        if len(batch.rounds) and not batch.rounds[0] <= round_index <= batch.rounds[-1]:
            continue
        table = run.trees.read(batch)
        start, stop = np.searchsorted(table.round_index, [round_index, round_index + 1])
        if stop > start:
            return table.select(int(start), int(stop))
    return None


def _laid_out(table: TreeTable, header: Header, round_index: int, tree: int, n_trees: int) -> OneTree:
    kept = np.sort(np.argsort(table.depth, kind="stable")[:MOST_NODES])
    place = np.full(len(table.feature), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    parent, is_left = _parents(table)
    split = ~table.is_leaf
    values = table.leaf_value if table.leaf_vectors is None else table.leaf_vectors.mean(axis=1)
    return OneTree(
        round_index=round_index,
        tree=tree,
        n_trees=n_trees,
        class_index=int(table.class_index[0]),
        parent=np.where(parent[kept] < 0, -1, place[parent[kept]]),
        is_left=tuple(bool(v) for v in is_left[kept]),
        depth=table.depth[kept],
        x=_across(table)[kept],
        condition=tuple(_condition(table, int(i), header) if split[i] else "" for i in kept),
        feature=tuple(header.feature_name(int(table.feature[i])) if split[i] else "" for i in kept),
        missing_left=tuple(bool(v) for v in table.default_left[kept]),
        gain=np.where(split, table.split_gain, math.nan)[kept],
        sum_hessian=table.sum_hessian[kept],
        n_rows=table.n_rows[kept],
        value=np.where(split, math.nan, values * float(table.weight[0]))[kept],
        n_hidden=_hidden(table, place)[kept],
    )


def _parents(table: TreeTable) -> tuple[Ints, Ints]:
    n = len(table.feature)
    parent, is_left = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    at = np.flatnonzero(~table.is_leaf)
    parent[table.left[at]], parent[table.right[at]] = at, at
    is_left[table.left[at]] = 1
    return parent, is_left


def _across(table: TreeTable) -> Floats:
    """Return the place of each node: leaves side by side, a split in the middle of its two children."""
    n, x, leaves = len(table.feature), np.zeros(len(table.feature)), 0
    stack = [0] if n else []
    while stack:
        i = stack.pop()
        if table.feature[i] < 0:
            x[i], leaves = leaves + 0.5, leaves + 1
        else:
            stack += [int(table.right[i]), int(table.left[i])]
    for i in range(n - 1, -1, -1):
        if table.feature[i] >= 0:
            x[i] = (x[table.left[i]] + x[table.right[i]]) / 2.0
    return x / max(leaves, 1)


def _hidden(table: TreeTable, place: Ints) -> Ints:
    """Return (n_nodes,) how many nodes hang on the children of a node that are left out."""
    size, hidden = np.ones(len(table.feature), dtype=np.int64), np.zeros(len(table.feature), dtype=np.int64)
    for i in range(len(table.feature) - 1, -1, -1):
        if table.feature[i] >= 0:
            children = (int(table.left[i]), int(table.right[i]))
            size[i] += sum(size[c] for c in children)
            hidden[i] = sum(size[c] for c in children if place[c] < 0)
    return hidden


def _condition(table: TreeTable, i: int, header: Header) -> str:
    name = header.feature_name(int(table.feature[i]))
    if i in table.categories:
        values = [str(v) for v in table.categories[i].tolist()]
        shown = ", ".join(values[:_MOST_CATEGORIES]) + (", ..." if len(values) > _MOST_CATEGORIES else "")
        # LightGBM lists the categories that go left, XGBoost those that go right.
        return f"{name} {'in' if table.library == 'lightgbm' else 'not in'} {{{shown}}}"
    return f"{name} {'<=' if table.library == 'lightgbm' else '<'} {table.threshold[i]:.4g}"
