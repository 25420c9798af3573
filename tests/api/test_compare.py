from pathlib import Path

import numpy as np
import pytest

from treedebug.api.boosted_run import Run
from treedebug.api.compare import compare
from treedebug.core.errors import TreedebugError
from treedebug.core.findings import Finding, Severity
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.run_data import Header, RunData
from treedebug.core.run.run_labels import run_labels
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.core.run.tree_table import TreeTable
from treedebug.testing import leaf, trees

OVERTRAINING = Finding(code="CV102", name="overtraining", severity=Severity.WARNING, message="")


def stumps(features: list[int]) -> TreeTable:
    """One stump a round, on the given feature, with a gain of 10, 9, 8, ..."""
    n = len(features)
    return TreeTable(
        library="xgboost",
        offsets=np.arange(n + 1) * 3,
        round_index=np.arange(n),
        tree_index=np.arange(n),
        class_index=np.zeros(n, dtype=np.int64),
        weight=np.ones(n),
        feature=np.array([x for f in features for x in (f, -1, -1)]),
        threshold=np.tile([0.5, np.nan, np.nan], n),
        left=np.tile([1, -1, -1], n),
        right=np.tile([2, -1, -1], n),
        depth=np.tile([0, 1, 1], n),
        split_gain=np.array([x for i in range(n) for x in (10.0 - i, 0.0, 0.0)]),
        n_rows=np.full(3 * n, -1),
        leaf_value=np.tile([np.nan, 0.1, -0.1], n),
        default_left=np.ones(3 * n, dtype=np.bool_),
        missing_type=np.full(3 * n, 2, dtype=np.int8),
        sum_hessian=np.ones(3 * n),
    )


def run_of(path="a", *, valid=(3.0, 2.0, 2.5), metric="rmse", features=(0, 1, 0), params=None, seconds=0.5) -> Run:
    data = RunData(Header(library="xgboost", params=params or {}, feature_names=["age", "bmi"], n_features=2))
    for i, value in enumerate(valid):
        data.rounds.append(i, learning_rate=0.1, seconds=seconds, iterations=i + 1)
        data.evals.append(i, "train", metric, value / 2)
        data.evals.append(i, "valid", metric, value)
    if features:
        summary = TreeSummary(2)
        summary.extend(stumps(list(features)), len(features))
        data.add_stream(TreeSummary, summary)
    data.ending = {"state": "finished"}
    return Run(data, None if path is None else Path(path))


def rows(report, title):
    return {row.name: row for row in report.sections[title]}


def values(report, title):
    return {name: row.values for name, row in rows(report, title).items()}


def test_metrics_have_their_best_value_its_round_and_the_last():
    report = compare(run_of("a"), run_of("b", valid=(3.0, 2.8, 1.5, np.nan)))
    found = values(report, "metrics")
    assert found["valid rmse, best"] == (2.0, 1.5)
    assert found["valid rmse, best round"] == (1, 2)
    assert found["valid rmse, last"] == (2.5, None)
    assert rows(report, "metrics")["valid rmse, best"].best == 1
    assert rows(report, "metrics")["valid rmse, best round"].best is None


def test_higher_is_better_where_it_is():
    report = compare(run_of("a", metric="auc", valid=(0.7, 0.9)), run_of("b", metric="auc", valid=(0.8,)))
    best = rows(report, "metrics")["valid auc, best"]
    assert (best.values, best.best) == ((0.9, 0.8), 0)


def test_a_low_training_loss_is_no_merit_and_equals_have_no_better():
    report = compare(run_of("a"), run_of("b", valid=(0.1,)))
    assert rows(report, "metrics")["train rmse, best"].best is None
    same = compare(run_of("a"), run_of("b"))
    assert rows(same, "metrics")["valid rmse, best"].best is None
    assert not any(row.differs for section in same.sections.values() for row in section)


def test_an_unknown_metric_shows_its_last_value_only_and_a_missing_one_is_none():
    found = values(compare(run_of("a", metric="mine"), run_of("b")), "metrics")
    assert found["valid mine, last"] == (2.5, None)
    assert "valid mine, best" not in found
    assert found["valid rmse, best"] == (None, 2.0)


def test_parameters_are_compared_as_far_as_float32_goes():
    report = compare(
        run_of("a", params={"learning_rate": 0.300000012, "max_depth": 6, "gamma": 0}),
        run_of("b", params={"learning_rate": 0.3, "max_depth": 3}),
    )
    assert {n: r.differs for n, r in rows(report, "parameters").items()} == {
        "learning_rate": False,
        "max_depth": True,
        "gamma": True,
    }
    assert values(report, "parameters")["gamma"] == (0, None)


def test_size_time_and_ranks():
    report = compare(
        run_of("a", features=(0, 1, 0)), run_of("b", features=(1, 0), seconds=0.25), run_of("c", features=())
    )
    assert values(report, "size") == {
        "trees": (3, 2, None),
        "leaves": (6, 4, None),
        "mean leaves a tree": (2.0, 2.0, None),
        "mean depth": (1.0, 1.0, None),
        "largest depth": (1, 1, None),
    }
    assert rows(report, "size")["leaves"].best == 1
    assert values(report, "importance") == {"age": (1, 2, None), "bmi": (2, 1, None)}
    assert values(report, "time") == {"training": (1.5, 0.75, 1.5), "a round": (500.0, 250.0, 500.0)}
    assert rows(report, "time")["training"].best == 1


def test_recall_of_each_class_on_the_last_record():
    a, b = run_of("a"), run_of("b")
    for i, confusion in enumerate(([[4, 0], [4, 0]], [[3, 1], [1, 3]])):
        a.data.classes.append(ClassRecord(i, "valid", np.array(confusion), np.ones(2), np.full(2, np.nan)))
    report = compare(a, b)
    assert values(report, "classes") == {
        "valid recall of class 0": (0.75, None),
        "valid recall of class 1": (0.75, None),
    }


def test_findings_are_present_or_not():
    a, b = run_of("a"), run_of("b")
    a.data.findings = [OVERTRAINING]
    assert values(compare(a, b), "findings") == {"CV102 overtraining": (True, False)}


def test_one_round_and_none():
    empty = run_of("b", valid=(), features=())
    found = values(compare(run_of("a", valid=(1.0,)), empty), "metrics")
    assert found["valid rmse, best"] == (1.0, None)
    assert compare(empty, run_of("c", valid=(), features=())).labels == ("b", "c")


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_runs(n):
    with pytest.raises(TreedebugError, match=f"at least two runs, got {n}"):
        compare(*[run_of()] * n)


def test_a_path_without_a_run(tmp_path):
    with pytest.raises(TreedebugError, match="nowhere"):
        compare(run_of(), tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("paths", "labels"),
    [
        (["runs/a", "runs/b"], ("a", "b")),
        (["x/fold_0", "y/fold_0"], ("x/fold_0", "y/fold_0")),
        (["runs/a", "runs/a"], ("runs/a (1)", "runs/a (2)")),
        ([None, "runs/a"], ("run 1", "a")),
        ([None, None], ("run 1", "run 2")),
    ],
)
def test_labels_are_as_short_as_can_be(paths, labels):
    assert run_labels(paths) == labels


def test_it_tells_from_which_round_on_the_trees_are_others():
    def grow(*values, **fields):
        return Run(trees([leaf(v) for v in values], n_features=2, **fields))

    report = compare(grow(1, 2, 3), grow(1, 2, 9), grow(1, 2), grow(1, 2, 3, library="lightgbm"))
    row = rows(report, "training")["trees differ from round"]
    assert row.values == (None, 2, "none", None)
    assert "trees differ from round" not in rows(compare(run_of("a"), run_of("b")), "training")
