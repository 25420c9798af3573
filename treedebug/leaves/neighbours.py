"""Rows that a booster treats alike: the share of trees in which two rows fall into the same leaf."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import NotRecordedError
from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.tree_predictions import leaves_by_tree

Floats = NDArray[np.float64]


class LeafMap:
    """The leaf of every row in every tree, as the position among the tree's nodes."""

    def __init__(self, tables: Iterable[TreeTable], X: Floats) -> None:
        self.tables = list(tables)
        if not sum(t.n_trees for t in self.tables):
            raise NotRecordedError("this run has no recorded trees: rows share no leaves")
        self.leaves = self.of(X)
        """(n_trees, n_rows), 16 bits where the trees are small enough"""

    def of(self, X: Floats) -> NDArray[np.integer]:
        """Return (n_trees, n_rows) for other rows in the same trees."""
        largest = max(int(np.diff(t.offsets).max(initial=0)) for t in self.tables)
        kind = np.int16 if largest < np.iinfo(np.int16).max else np.int32
        found = np.empty((sum(t.n_trees for t in self.tables), len(X)), dtype=kind)
        at = 0
        for table in self.tables:
            for t, leaves in enumerate(leaves_by_tree(table, X)):
                found[at] = leaves - int(table.offsets[t])
                at += 1
        return found

    def gains(self) -> Floats:
        """Return (n_trees,) each tree's total gain."""
        parts = [np.add.reduceat(t.split_gain, t.offsets[:-1]) for t in self.tables if t.n_trees]
        return np.concatenate(parts).astype(np.float64)

    def similarity(self, leaves: NDArray[np.integer], weight: Floats | None = None) -> Floats:
        """Return (n_rows,) the share of trees in which each row falls into the same leaf as one other row.

        `leaves` (n_trees,) are that row's; `weight` (n_trees,) lets some trees count more.
        """
        same = self.leaves == leaves[:, None]
        if weight is None:
            counts: Floats = same.sum(axis=0, dtype=np.int32) / len(leaves)
            return counts
        total = float(weight.sum())
        shared: Floats = weight.astype(np.float32) @ same.astype(np.float32)
        return shared / total if total > 0 else same.mean(axis=0)


def coverage(train: LeafMap, new: NDArray[np.integer]) -> Floats:
    """Return (n_new,) each new row's similarity to the training row that is most like it.

    `new` (n_trees, n_new) are the leaves of the new rows.
    """
    return np.array([float(train.similarity(new[:, i]).max(initial=0.0)) for i in range(new.shape[1])])
