"""From streams and trees to pandas frames: the shapes users read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.run.class_log import ClassLog
from treedebug.core.run.eval_log import EvalLog
from treedebug.core.run.margin_log import MarginLog, kept_rows, row_losses
from treedebug.core.run.rate_log import RateLog
from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_table import TreeTable

IMPORTANCE_KINDS = ("total_gain", "mean_gain", "n_splits", "total_cover", "mean_cover")


def metrics_frame(log: EvalLog) -> pd.DataFrame:
    """Return a row a value: round_index, dataset, metric, value."""
    parts = [
        pd.DataFrame({"round_index": s.rounds, "dataset": s.dataset, "metric": s.metric, "value": s.values})
        for s in log
    ]
    if not parts:
        return _empty(round_index="int64", dataset="str", metric="str", value="float64")
    frame = pd.concat(parts, ignore_index=True)
    return frame.sort_values("round_index", kind="stable", ignore_index=True)


def rate_changes_frame(log: RateLog) -> pd.DataFrame:
    """Return a row a change: round_index, learning_rate, why."""
    changes = list(log)
    if not changes:
        return _empty(round_index="int64", learning_rate="float64", why="str")
    columns = {"round_index": [c.round_index for c in changes], "learning_rate": [c.rate for c in changes]}
    return pd.DataFrame({**columns, "why": [c.why for c in changes]})


def trees_frame(tables: Iterable[TreeTable]) -> pd.DataFrame:
    """Return a row a tree: its place, shape, gain, leaf values, hessian and rows."""
    parts = [_tree_columns(t) for t in tables if t.n_trees]
    if not parts:
        return _empty(**{name: "int64" if name in _TREE_INTEGERS else "float64" for name in _TREE_COLUMNS})
    return pd.DataFrame({name: np.concatenate([p[name] for p in parts]) for name in _TREE_COLUMNS})


_TREE_COLUMNS = (
    "round_index", "tree_index", "class_index", "depth", "n_leaves", "n_nodes", "total_gain", "max_gain",
    "min_leaf", "max_leaf", "mean_abs_leaf", "sum_hessian", "n_rows", "weight",
)  # fmt: skip
_TREE_INTEGERS = ("round_index", "tree_index", "class_index", "depth", "n_leaves", "n_nodes", "n_rows")


def _tree_columns(table: TreeTable) -> dict[str, NDArray[np.generic]]:
    starts, sizes = table.offsets[:-1], np.diff(table.offsets)
    leaf = table.is_leaf
    values = table.leaf_value
    if table.leaf_vectors is not None:
        values = np.where(leaf, table.leaf_vectors.mean(axis=1), np.nan)
    n_leaves = np.add.reduceat(leaf.astype(np.int64), starts)
    return {
        "round_index": table.round_index,
        "tree_index": table.tree_index,
        "class_index": table.class_index,
        "depth": np.maximum.reduceat(table.depth, starts),
        "n_leaves": n_leaves,
        "n_nodes": sizes,
        "total_gain": np.add.reduceat(table.split_gain, starts),
        "max_gain": np.maximum.reduceat(table.split_gain, starts),
        "min_leaf": np.minimum.reduceat(np.where(leaf, values, np.inf), starts),
        "max_leaf": np.maximum.reduceat(np.where(leaf, values, -np.inf), starts),
        "mean_abs_leaf": np.add.reduceat(np.where(leaf, np.abs(values), 0.0), starts) / n_leaves,
        "sum_hessian": table.sum_hessian[starts],
        "n_rows": table.n_rows[starts],
        "weight": table.weight,
    }


def nodes_frame(table: TreeTable, header: Header) -> pd.DataFrame:
    """Return a row a node, parents before children.

    `left` and `right` are node numbers within the tree, -1 in leaves.
    """
    sizes = np.diff(table.offsets)
    starts = np.repeat(table.offsets[:-1], sizes)
    names = np.array(
        [header.feature_name(i) for i in range(int(table.feature.max(initial=-1)) + 1)] + [""], dtype=object
    )
    return pd.DataFrame(
        {
            "round_index": np.repeat(table.round_index, sizes),
            "tree_index": np.repeat(table.tree_index, sizes),
            "class_index": np.repeat(table.class_index, sizes),
            "node": np.arange(len(table.feature)) - starts,
            "depth": table.depth,
            "feature": pd.Series(names[table.feature], dtype="object").mask(table.is_leaf),
            "threshold": table.threshold,
            "categories": [
                tuple(table.categories[i].tolist()) if i in table.categories else None
                for i in range(len(table.feature))
            ],
            "left": table.left,
            "right": table.right,
            "default_left": table.default_left,
            "split_gain": table.split_gain,
            "sum_hessian": table.sum_hessian,
            "n_rows": table.n_rows,
            "leaf_value": table.leaf_value,
        }
    )


def importance_frame(tables: Iterable[TreeTable], kind: str, header: Header, *, cumulative: bool) -> pd.DataFrame:
    """Return a row for each feature used in a round: round_index, feature, value.

    Raise ConfigError for an unknown kind.
    """
    if kind not in IMPORTANCE_KINDS:
        raise ConfigError(
            f"importance is one of {', '.join(IMPORTANCE_KINDS)}; got {kind!r}.{did_you_mean(kind, IMPORTANCE_KINDS)}"
        )
    parts = [p for p in (_importance(t, kind) for t in tables if t.n_trees) if len(p[0])]
    if not parts:
        return _empty(round_index="int64", feature="str", value="float64")
    rounds, features, totals, counts = (np.concatenate(c) for c in zip(*parts, strict=True))
    frame = pd.DataFrame({"round_index": rounds, "feature": features, "total": totals, "n": counts})
    if cumulative:
        by_feature = frame.groupby("feature", sort=False)
        frame["total"], frame["n"] = by_feature["total"].cumsum(), by_feature["n"].cumsum()
    frame["value"] = frame["total"] / frame["n"] if kind.startswith("mean_") else frame["total"]
    names = np.array([header.feature_name(i) for i in range(int(features.max()) + 1)], dtype=object)
    frame["feature"] = names[features]
    return frame[["round_index", "feature", "value"]]


def _importance(
    table: TreeTable, kind: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Return (rounds, features, totals, counts) of the features used in each round of a table, in order."""
    split = ~table.is_leaf
    width = int(table.feature.max(initial=0)) + 1
    rounds = np.repeat(table.round_index, np.diff(table.offsets))[split]
    keys, place, counts = np.unique(rounds * width + table.feature[split], return_inverse=True, return_counts=True)
    if kind == "n_splits":
        totals = counts.astype(np.float64)
    else:
        values = table.split_gain if kind.endswith("gain") else table.sum_hessian
        totals = np.bincount(place, values[split], len(keys))
    return keys // width, keys % width, totals, counts


def classes_frame(log: ClassLog) -> pd.DataFrame:
    """Return a row a class, dataset and recorded round: shares of labels, weight and predictions, recall, precision."""
    records = list(log)
    if not records:
        return _empty(
            round_index="int64", dataset="str", **{"class": "int64"}, **dict.fromkeys(_CLASS_NUMBERS, "float64")
        )
    sizes = [len(r.label_weight) for r in records]
    return pd.DataFrame(
        {
            "round_index": np.repeat([r.round_index for r in records], sizes),
            "dataset": pd.Series([r.dataset for r in records]).repeat(sizes).array,
            "class": np.concatenate([np.arange(n) for n in sizes]),
            **{name: np.concatenate([getattr(r, name) for r in records]) for name in _CLASS_NUMBERS},
        }
    )


_CLASS_NUMBERS = ("label_share", "weighted_share", "predicted_share", "mean_probability", "recall", "precision")


def margins_frame(log: MarginLog, *, n_classes: int) -> pd.DataFrame:
    """Return a row a row of the data, dataset and recorded round: round_index, dataset, row, label, margin, loss."""
    records = list(log)
    if not records:
        return _empty(
            round_index="int64", dataset="str", row="int64", label="float32", margin="float32", loss="float32"
        )
    sizes = [len(r.margin) for r in records]
    return pd.DataFrame(
        {
            "round_index": np.repeat([r.round_index for r in records], sizes),
            "dataset": pd.Series([r.dataset for r in records]).repeat(sizes).array,
            "row": np.concatenate([kept_rows(r.n_rows, len(r.margin)) for r in records]),
            "label": np.concatenate([log.labels[r.dataset] for r in records]),
            "margin": np.concatenate([r.margin for r in records]),
            "loss": np.concatenate([row_losses(r, n_classes) for r in records]),
        }
    )


def scores_frame(rows: Sequence[tuple[int, str, float]]) -> pd.DataFrame:
    """Return a row a round and metric of a replay: round_index, metric, value."""
    if not rows:
        return _empty(round_index="int64", metric="str", value="float64")
    return pd.DataFrame(rows, columns=["round_index", "metric", "value"])


def _empty(**dtypes: str) -> pd.DataFrame:
    """Return a frame without rows whose columns have the dtypes they would have with rows."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in dtypes.items()})
