"""The trees of a model as re-boosting walks them: which node each row falls into, and what lies below what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.tree_predictions import leaves_by_tree

Floats = NDArray[np.float64]
Nodes = NDArray[np.int32]


class Tree(NamedTuple):
    """One tree, nodes counted from its root."""

    first: int
    """Flat position of its root in the table."""
    n_nodes: int
    splits: list[int]
    """A child always after its parent."""
    left: list[int]
    right: list[int]
    features: list[int]
    leaves: NDArray[np.int64]
    class_index: int
    train: Nodes
    """(n_train,) the leaf of each row."""
    valid: Nodes


@dataclass(frozen=True)
class Structure:
    """All trees, by round."""

    table: TreeTable
    rounds: tuple[tuple[Tree, ...], ...]

    @property
    def n_valid(self) -> int:
        """Validation rows."""
        return len(self.rounds[0][0].valid)


def structure_of(table: TreeTable, X_train: Floats, X_valid: Floats) -> Structure:
    """Return where each row of both sets ends in each tree of a table."""
    rows = zip(leaves_by_tree(table, X_train), leaves_by_tree(table, X_valid), strict=True)
    trees = [_tree(table, t, train, valid) for t, (train, valid) in enumerate(rows)]
    starts = np.flatnonzero(np.diff(table.round_index, prepend=-1))
    bounds = zip(starts, [*starts[1:], len(trees)], strict=True)
    return Structure(table, tuple(tuple(trees[a:b]) for a, b in bounds))


def _tree(table: TreeTable, t: int, train: NDArray[np.int64], valid: NDArray[np.int64]) -> Tree:
    a, b = int(table.offsets[t]), int(table.offsets[t + 1])
    feature = table.feature[a:b]
    return Tree(
        a,
        b - a,
        np.flatnonzero(feature >= 0).tolist(),
        table.left[a:b].tolist(),
        table.right[a:b].tolist(),
        feature.tolist(),
        np.flatnonzero(feature < 0),
        int(table.class_index[t]),
        (train - a).astype(np.int32),
        (valid - a).astype(np.int32),
    )
