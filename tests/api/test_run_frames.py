"""The frames users read: columns, dtypes, and runs with nothing in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import treedebug
from treedebug.api.run_frames import (
    classes_frame,
    importance_frame,
    metrics_frame,
    nodes_frame,
    scores_frame,
    trees_frame,
)
from treedebug.core.errors import ConfigError, NotRecordedError
from treedebug.core.run.class_log import ClassLog, ClassRecord
from treedebug.core.run.eval_log import EvalLog
from treedebug.core.run.run_data import Header, RunData
from treedebug.testing.tree_builders import split, tree_table

PAGE = Path(__file__).parents[2] / "docs" / "frames.md"
TEXT = "text"
FRAMES = {
    "run.metrics": {"round_index": "int64", "dataset": TEXT, "metric": TEXT, "value": "float64"},
    "run.rounds": {"round_index": "int64", "learning_rate": "float64", "seconds": "float64", "n_iterations": "int64"},
    "run.trees": {
        "round_index": "int64", "tree_index": "int64", "class_index": "int64", "depth": "int64", "n_leaves": "int64",
        "n_nodes": "int64", "total_gain": "float64", "max_gain": "float64", "min_leaf": "float64",
        "max_leaf": "float64", "mean_abs_leaf": "float64", "sum_hessian": "float64", "n_rows": "int64",
        "weight": "float64",
    },
    "run.nodes(3)": {
        "round_index": "int64", "tree_index": "int64", "class_index": "int64", "node": "int64", "depth": "int64",
        "feature": TEXT, "threshold": "float64", "categories": "object", "left": "int64", "right": "int64",
        "default_left": "bool", "split_gain": "float64", "sum_hessian": "float64", "n_rows": "int64",
        "leaf_value": "float64",
    },
    "run.importance()": {"round_index": "int64", "feature": TEXT, "value": "float64"},
    "run.classes": {
        "round_index": "int64", "dataset": TEXT, "class": "int64", "label_share": "float64",
        "weighted_share": "float64", "predicted_share": "float64", "mean_probability": "float64",
        "recall": "float64", "precision": "float64",
    },
    "replay.metrics": {"round_index": "int64", "metric": TEXT, "value": "float64"},
}  # fmt: skip


def kinds(frame):
    return {name: TEXT if pd.api.types.is_string_dtype(dtype) and name != "categories" else str(dtype)
            for name, dtype in frame.dtypes.items()}  # fmt: skip


def test_columns_and_dtypes(plain):
    _, _, run, X, y, _ = plain
    found = {
        "run.metrics": run.metrics, "run.rounds": run.rounds, "run.trees": run.trees, "run.nodes(3)": run.nodes(3),
        "run.importance()": run.importance(), "run.classes": run.classes, "replay.metrics": run.replay(X, y).metrics,
    }  # fmt: skip
    assert {name: kinds(frame) for name, frame in found.items()} == FRAMES
    assert kinds(run.replay(X, y).classes) == FRAMES["run.classes"]
    assert all(len(frame) for frame in found.values())


def test_frames_without_rows_are_of_the_same_kind():
    run = treedebug.Run(RunData(Header(library="xgboost")))
    empty = {
        "run.metrics": run.metrics, "run.rounds": run.rounds, "run.trees": run.trees, "run.classes": run.classes,
        "run.importance()": run.importance(), "replay.metrics": scores_frame([]),
    }  # fmt: skip
    for name, frame in empty.items():
        assert len(frame) == 0
        assert kinds(frame) == FRAMES[name], name
    with pytest.raises(NotRecordedError, match="round 0 is not recorded: there are 0"):
        run.nodes(0)


def test_the_page_names_every_column():
    page = PAGE.read_text(encoding="utf-8")
    for name, columns in FRAMES.items():
        _, found, section = page.partition(f"## `{name}`\n")
        assert found, name
        section = section.partition("\n## ")[0]
        rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
        assert {c.strip(" `"): t.strip() for c, t in rows} == columns, name


def test_trees_node_by_node():
    tree = split(2, split(0, gain=3.0), gain=5.0)
    table = tree_table([tree, split(1)])
    frame = trees_frame([table.select(0, 1), table.select(1, 1), table.select(1, 2)])
    assert frame["n_nodes"].tolist() == [5, 3]
    assert frame["depth"].tolist() == [2, 1]
    assert frame["total_gain"].tolist() == [8.0, 1.0]
    assert frame["max_gain"].tolist() == [5.0, 1.0]
    nodes = nodes_frame(table, Header(feature_names=["a", "b", "c"]))
    assert nodes["feature"].dropna().tolist() == ["c", "a", "b"]
    assert nodes["node"].tolist() == [0, 1, 2, 3, 4, 0, 1, 2]
    assert nodes.loc[nodes["feature"].isna(), "left"].unique().tolist() == [-1]


def slow_importance(table, kind):
    """Per round and feature, split by split."""
    sums = {}
    for t in range(table.n_trees):
        for i in range(table.offsets[t], table.offsets[t + 1]):
            if table.feature[i] >= 0:
                key = (int(table.round_index[t]), int(table.feature[i]))
                value = {"g": table.split_gain, "c": table.sum_hessian}.get(kind.rpartition("_")[2][0])
                sums.setdefault(key, []).append(1.0 if value is None else float(value[i]))
    return {k: np.mean(v) if kind.startswith("mean") else np.sum(v) for k, v in sums.items()}


@pytest.mark.parametrize("kind", ["total_gain", "mean_gain", "n_splits", "total_cover", "mean_cover"])
def test_importance(kind):
    trees = [split(0, split(1, gain=2.0), gain=4.0), [split(1, gain=0.5), split(1, split(0, gain=7.0))], split(2)]
    table = tree_table(trees)
    header = Header()
    frame = importance_frame([table], kind, header, cumulative=False)
    found = {(r, int(f[1:])): v for r, f, v in frame.itertuples(index=False)}
    assert found == pytest.approx(slow_importance(table, kind))
    parts = [table.select(0, 1), table.select(1, 3), table.select(3, 4)]
    pd.testing.assert_frame_equal(importance_frame(parts, kind, header, cumulative=False), frame)


def test_importance_of_an_unknown_kind():
    with pytest.raises(ConfigError, match="Did you mean 'total_gain'"):
        importance_frame([], "totalgain", Header(), cumulative=False)


def test_cumulative_importance_is_the_librarys_own(plain):
    library, booster, run, *_ = plain
    last = run.importance(cumulative=True).groupby("feature")["value"].last()
    if library == "xgboost":
        wanted = booster.get_score(importance_type="total_gain")
    else:
        names, gains = booster.feature_name(), booster.feature_importance("gain")
        wanted = {n: g for n, g in zip(names, gains, strict=True) if g}
    assert last.to_dict() == pytest.approx(wanted, rel=1e-5)


def test_metrics_in_order_of_rounds():
    log = EvalLog()
    for r in range(3):
        for dataset in ("valid", "train"):
            log.append(r, dataset, "auc", r + 0.5)
    frame = metrics_frame(log)
    assert frame["round_index"].tolist() == [0, 0, 1, 1, 2, 2]
    assert frame["dataset"].tolist() == ["valid", "train"] * 3


def test_classes_row_by_row():
    record = ClassRecord(4, "valid", np.array([[8, 2], [0, 0]]), np.array([5.0, 0.0]), np.array([0.7, 0.3]))
    frame = classes_frame(ClassLog([record, record]))
    assert len(frame) == 4
    first, second = (frame.iloc[i].to_dict() for i in (0, 1))
    assert first == {"round_index": 4, "dataset": "valid", "class": 0, "label_share": 1.0, "weighted_share": 1.0,
                     "predicted_share": 0.8, "mean_probability": 0.7, "recall": 0.8, "precision": 1.0}  # fmt: skip
    assert np.isnan(second["recall"])
    assert second["precision"] == 0.0


def test_a_thousand_classes_are_quick():
    k = 1000
    record = ClassRecord(0, "valid", np.eye(k, dtype=np.int64), np.ones(k), np.full(k, 1 / k))
    assert len(classes_frame(ClassLog([record] * 5))) == 5 * k
