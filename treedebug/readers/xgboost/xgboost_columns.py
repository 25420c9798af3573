"""The columns of a tree that was decoded whole, as arrays: sizes are checked before anything trusts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FILLERS = {"split_type": 0.0, "loss_changes": np.nan, "sum_hessian": np.nan}
"""For what is not in the file: trees before categories, and vector leaves before 3.2."""


def leaf_width(param: Mapping[str, Any], n_nodes: int) -> int:
    """Return the numbers a leaf holds. Raise ValueError for sizes that XGBoost would take as they are, and crash."""
    width, told = int(param.get("size_leaf_vector", "1")), int(param.get("num_nodes", n_nodes))
    if width < 0 or told != n_nodes or not 0 <= int(param.get("num_deleted", "0")) <= n_nodes:
        raise ValueError(f"tree_param says {param!r:.120} of {n_nodes} nodes")
    return width


def column(tree: Mapping[str, Any], name: str, dtype: np.dtype[Any], n_nodes: int) -> NDArray[Any]:
    """Return (n_nodes,) a column. Raise ValueError for another number of values, KeyError if it must be there."""
    if name in _FILLERS and name not in tree:
        return np.full(n_nodes, _FILLERS[name], dtype=dtype)
    with np.errstate(all="ignore"):
        values = np.asarray(tree[name]).astype(dtype)
    if values.shape != (n_nodes,):
        raise ValueError(f"expected {n_nodes} values of {name}, found {values.shape}")
    return values


def integers(values: Sequence[int] | NDArray[Any]) -> NDArray[np.int64]:
    """Return a list as an array. Raise ValueError for anything nested."""
    with np.errstate(all="ignore"):
        array = np.asarray(values).astype(np.int64)
    if array.ndim != 1:
        raise ValueError("expected a list of integers")
    return array


def leaf_vectors(
    tree: Mapping[str, Any], *, width: int, leaf: NDArray[np.bool_], rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return (n_nodes, width) leaf vectors. Since 3.2 they are apart, at the row named in place of the right child."""
    apart = "leaf_weights" in tree
    with np.errstate(all="ignore"):
        weights = np.asarray(tree["leaf_weights" if apart else "base_weights"]).astype(np.float32)
    if weights.size * 2 < len(leaf) * width:  # half of the nodes are leaves; also bounds what is allocated below
        raise ValueError("leaf vectors are missing")
    weights = weights.reshape(-1, width)
    rows = rows if apart else np.arange(len(leaf))
    if len(weights) <= int(rows[leaf].max(initial=-1)) or int(rows[leaf].min(initial=0)) < 0:
        raise ValueError("leaf vectors are missing")
    values = np.full((len(leaf), width), np.nan)
    values[leaf] = weights[rows[leaf]]
    return values
