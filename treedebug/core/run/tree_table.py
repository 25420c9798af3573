"""TreeTable: any number of trees as flat arrays, in one vocabulary for every library."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAF = -1


@dataclass(frozen=True, kw_only=True)
class TreeTable:
    """Trees as flat arrays. Node arrays have shape (n_nodes,), tree arrays (n_trees,).

    Nodes of tree t stand at `offsets[t]:offsets[t + 1]`, live nodes only, the root first, a child always after its
    parent. `left` and `right` count from the tree's first node; -1 in a leaf.
    """

    library: str
    """Decides how `threshold` compares: "xgboost" (float32 x < t) or "lightgbm" (float64 x <= t)."""
    offsets: NDArray[np.int64]
    """(n_trees + 1,)"""
    round_index: NDArray[np.int64]
    """(n_trees,) 0-based over the booster's whole life."""
    tree_index: NDArray[np.int64]
    """(n_trees,) position among all trees of the booster."""
    class_index: NDArray[np.int64]
    """(n_trees,) class (or target) the tree votes for; 0 for one output and for vector leaves."""
    weight: NDArray[np.float64]
    """(n_trees,) factor on the leaf values at prediction (DART in XGBoost); 1 otherwise."""

    feature: NDArray[np.int64]
    """Feature index of the split; -1 in a leaf."""
    threshold: NDArray[np.float64]
    """Numerical split point; NaN in leaves and categorical splits."""
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    default_left: NDArray[np.bool_]
    """Missing values go left."""
    missing_type: NDArray[np.int8]
    """What counts as missing: 0 nothing, 1 zero, 2 NaN (LightGBM's decision types); XGBoost is always 2."""
    depth: NDArray[np.int64]
    """Root = 0."""
    split_gain: NDArray[np.float64]
    """Loss reduction of the split; 0 in leaves."""
    sum_hessian: NDArray[np.float64]
    n_rows: NDArray[np.int64]
    """Training rows in the node; -1 where the library does not record them (XGBoost)."""
    leaf_value: NDArray[np.float64]
    """After shrinkage, as stored by the library; NaN in splits, and in vector leaves."""
    categories: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    """Flat node position -> the categories of the split (XGBoost: those that go right; LightGBM: left)."""
    leaf_vectors: NDArray[np.float64] | None = None
    """(n_nodes, n_outputs) for multi-output trees with vector leaves."""
    linear: dict[int, tuple[float, NDArray[np.int64], NDArray[np.float64]]] = field(default_factory=dict)
    """Flat leaf position -> (constant, feature indices, coefficients) of LightGBM's linear trees."""

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self.offsets) - 1

    @property
    def is_leaf(self) -> NDArray[np.bool_]:
        """Which nodes are leaves, (n_nodes,)."""
        return self.feature < 0

    @property
    def tree_of_node(self) -> NDArray[np.int64]:
        """(n_nodes,) position in this table of the tree each node belongs to."""
        return np.repeat(np.arange(self.n_trees), np.diff(self.offsets))

    def select(self, start: int, stop: int) -> TreeTable:
        """Return the trees at positions `start:stop`, as a table of their own (views, not copies)."""
        a, b = int(self.offsets[start]), int(self.offsets[stop])
        values: dict[str, Any] = {"library": self.library}
        for name in _TREE_ARRAYS:
            values[name] = getattr(self, name)[start:stop]
        for name in _NODE_ARRAYS:
            values[name] = getattr(self, name)[a:b]
        return TreeTable(
            offsets=self.offsets[start : stop + 1] - a,
            categories={k - a: v for k, v in self.categories.items() if a <= k < b},
            leaf_vectors=None if self.leaf_vectors is None else self.leaf_vectors[a:b],
            linear={k - a: v for k, v in self.linear.items() if a <= k < b},
            **values,
        )


_TREE_ARRAYS = ("round_index", "tree_index", "class_index", "weight")
_NODE_ARRAYS = (
    "feature",
    "threshold",
    "left",
    "right",
    "default_left",
    "missing_type",
    "depth",
    "split_gain",
    "sum_hessian",
    "n_rows",
    "leaf_value",
)


def concatenate(tables: list[TreeTable]) -> TreeTable:
    """Join tables of one library, in order. Raise ValueError for an empty list."""
    if not tables:
        raise ValueError("expected at least one table of trees to join, got none")
    if len(tables) == 1:
        return tables[0]
    starts = np.cumsum([0] + [len(t.feature) for t in tables])
    values: dict[str, Any] = {
        name: np.concatenate([getattr(t, name) for t in tables]) for name in _TREE_ARRAYS + _NODE_ARRAYS
    }
    vectors = [t.leaf_vectors for t in tables if t.leaf_vectors is not None]
    return TreeTable(
        library=tables[0].library,
        offsets=np.concatenate(
            [tables[0].offsets[:1]] + [t.offsets[1:] + s for t, s in zip(tables, starts[:-1], strict=True)]
        ),
        categories={int(k + s): v for t, s in zip(tables, starts, strict=False) for k, v in t.categories.items()},
        leaf_vectors=np.concatenate(vectors) if len(vectors) == len(tables) else None,
        linear={int(k + s): v for t, s in zip(tables, starts, strict=False) for k, v in t.linear.items()},
        **values,
    )
