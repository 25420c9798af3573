"""Other trees in an XGBoost model file: everything around them stays as it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError, FormatError
from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.xgboost import ubjson
from treedebug.readers.xgboost.xgboost_file import member, parse_model

Floats = NDArray[np.float64]
_NO_PARENT = 2**31 - 1
_SMALLEST = float(np.float32(1e-45))
"""What XGBoost writes as the split condition of a categorical split."""
_BEST = ("best_iteration", "best_score", "best_ntree_limit")


def with_trees(
    raw: bytes, table: TreeTable, weights: Floats, *, as_json: bool = False, columns: Sequence[int] | None = None
) -> bytes:
    """Return the model with the trees of `table` in place of its own, in UBJSON or JSON.

    `weights` (n_nodes,) are the values of all nodes, those of splits included, which XGBoost writes too. With `columns`
    the model takes only these features, in this order. The attributes of early stopping, which name a round of the old
    trees, are left out. Raise ConfigError for DART, vector leaves and columns that cannot be dropped.
    """
    parse_model(raw, collect=False)  # refuses what is no model
    top = decoded(raw)
    learner = top["learner"]
    if member(learner, "gradient_booster", "name") != "gbtree":
        raise ConfigError(f"only gbtree models are rewritten, not {member(learner, 'gradient_booster', 'name')}")
    if table.leaf_vectors is not None:
        raise ConfigError("trees with vector leaves (multi_strategy='multi_output_tree') are not rewritten")
    body = learner["gradient_booster"]["model"]
    features = _kept_columns(learner, body, columns)
    n_features = len(features) if columns is not None else int(learner["learner_model_param"]["num_feature"])
    body["trees"] = [_tree(table, t, weights, features, n_features) for t in range(table.n_trees)]
    body["tree_info"] = [int(c) for c in table.class_index]
    body["gbtree_model_param"]["num_trees"] = str(table.n_trees)
    body["iteration_indptr"] = _iterations(table.round_index)
    attributes = learner.get("attributes", {})
    learner["attributes"] = {k: v for k, v in attributes.items() if k not in _BEST}
    return json.dumps(_plain(top), ensure_ascii=False).encode() if as_json else ubjson.encode(top)


def decoded(raw: bytes) -> dict[str, Any]:
    """Return a model file as the dictionary it is, trees and all."""
    if raw[1:64].lstrip()[:1] in b'"}':
        found: dict[str, Any] = json.loads(raw)
        return found
    whole: dict[str, Any] = ubjson.decode(bytes(raw))
    return whole


def _iterations(rounds: NDArray[np.int64]) -> list[int]:
    starts = np.flatnonzero(np.diff(rounds, prepend=rounds[0] - 1 if len(rounds) else 0))
    return [*map(int, starts), len(rounds)]


def _kept_columns(learner: dict[str, Any], body: dict[str, Any], columns: Sequence[int] | None) -> dict[int, int]:
    """Return old feature -> new feature, and write the model's lists of features accordingly."""
    param = learner["learner_model_param"]
    if columns is None:
        return {}
    if body.get("cats", {}).get("enc"):
        raise ConfigError("features cannot be dropped from a model that maps a frame's categories: keep them all")
    for name in ("feature_names", "feature_types"):
        if len(learner.get(name, [])):
            learner[name] = [learner[name][c] for c in columns]
    param["num_feature"] = str(len(columns))
    return {int(old): new for new, old in enumerate(columns)}


def _tree(table: TreeTable, t: int, weights: Floats, features: dict[int, int], n_features: int) -> dict[str, Any]:
    a, b = int(table.offsets[t]), int(table.offsets[t + 1])
    if b - a < 1:
        raise FormatError(f"tree {t} has no nodes")
    left, right, feature = table.left[a:b], table.right[a:b], table.feature[a:b]
    split = feature >= 0
    parents = np.full(b - a, _NO_PARENT, dtype=">i4")
    inner = np.flatnonzero(split)
    parents[left[inner]] = inner
    parents[right[inner]] = inner
    categorical = [i for i in range(a, b) if i in table.categories]
    sets = [np.asarray(table.categories[i], dtype=">i4") for i in categorical]
    sizes = np.array([len(s) for s in sets], dtype=">i8")
    split_type = np.zeros(b - a, dtype=np.uint8)
    split_type[np.array(categorical, dtype=np.int64) - a] = 1
    condition = np.where(split, table.threshold[a:b], table.leaf_value[a:b])
    condition[split_type == 1] = _SMALLEST
    if features:
        feature = np.array([features[int(f)] if f >= 0 else 0 for f in feature])
    with np.errstate(over="ignore"):
        return {
            "base_weights": weights[a:b].astype(">f4"),
            "categories": np.concatenate(sets) if sets else np.zeros(0, dtype=">i4"),
            "categories_nodes": np.array(categorical, dtype=">i4") - np.int32(a),
            "categories_segments": (np.cumsum(sizes) - sizes).astype(">i8"),
            "categories_sizes": sizes,
            "default_left": (table.default_left[a:b] & split).astype(np.uint8),
            "id": t,
            "left_children": left.astype(">i4"),
            "loss_changes": table.split_gain[a:b].astype(">f4"),
            "parents": parents,
            "right_children": right.astype(">i4"),
            "split_conditions": condition.astype(">f4"),
            "split_indices": np.where(split, feature, 0).astype(">i4"),
            "split_type": split_type,
            "sum_hessian": table.sum_hessian[a:b].astype(">f4"),
            "tree_param": {
                "num_deleted": "0",
                "num_feature": str(n_features),
                "num_nodes": str(b - a),
                "size_leaf_vector": "1",
            },
        }


def _plain(value: Any) -> Any:
    """Return arrays as lists, each number in the fewest digits that its type needs."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and value.dtype.itemsize == 4:
            return [float(str(v)) for v in value.astype(np.float32)]
        return value.tolist()
    return float(value) if isinstance(value, np.floating) else value
