"""Effective parameters by probes through the leaves, against refitting the leaves with one label moved at a time."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.core.errors import ConfigError
from treedebug.leaves.effective_parameters import SmootherData, effective_parameters
from treedebug.readers.library_readers import read_facts
from treedebug.readers.tree_predictions import leaf_positions

N = 90
_XGB = {"max_depth": 3, "eta": 0.3, "min_child_weight": 0, "nthread": 1, "seed": 1}
_LGB = {"num_leaves": 8, "learning_rate": 0.2, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1, "seed": 1}


def table(*, classes):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(N, 4)).astype(np.float32).astype(np.float64)
    signal = X[:, 0] + X[:, 1] ** 2 + rng.normal(size=N)
    return X, (signal > 1).astype(float) if classes else signal


def train(tmp_path, library, params, n_rounds=12, *, classes=False, weight=None):
    X, y = table(classes=classes)
    if library == "xgboost":
        params = {**_XGB, **({"objective": "binary:logistic"} if classes else {}), **params}
        data = xgb.DMatrix(X, y, weight=weight)
        callback = treedebug.XGBoostCallback(tmp_path / "run", evals=[(data, "train")], quiet=True)
        xgb.train(params, data, n_rounds, callbacks=[callback])
    else:
        params = {**_LGB, **({"objective": "binary"} if classes else {"objective": "regression"}), **params}
        callback = treedebug.LightGBMCallback(tmp_path / "run", quiet=True)
        lgb.train(params, lgb.Dataset(X, y, weight=weight), n_rounds, callbacks=[callback])
    return X, y, treedebug.load(tmp_path / "run")


def refit(run, X, y, weight, eta, penalty, start):
    """Boost on fixed leaves: every leaf a Newton step on the labels given."""
    classes = run.header.n_classes == 2
    margin = np.full(len(X), start(y))
    for tree_table in run.tables():
        leaves = leaf_positions(tree_table, X)
        for round_index in np.unique(tree_table.round_index):
            trees = np.flatnonzero(tree_table.round_index == round_index)
            p = 1 / (1 + np.exp(-margin)) if classes else margin
            g, h = weight * (p - y), weight * (p * (1 - p) if classes else np.ones(len(X)))
            step = np.zeros(len(X))
            for t in trees:
                for leaf in np.unique(leaves[:, t]):
                    inside = leaves[:, t] == leaf
                    step[inside] -= eta / len(trees) * g[inside].sum() / (h[inside].sum() + penalty)
            margin = margin + step
    return 1 / (1 + np.exp(-margin)) if classes else margin


def logit_of_mean(weight):
    def start(y):
        mean = np.average(y, weights=weight)
        return np.log(mean / (1 - mean))

    return start


CASES = [
    ("xgboost", {}, False, None),
    ("xgboost", {"lambda": 0}, False, None),
    ("xgboost", {"lambda": 20, "max_depth": 5}, False, None),
    ("xgboost", {"base_score": 0.5}, False, None),
    ("xgboost", {"num_parallel_tree": 3, "colsample_bynode": 0.5}, False, None),
    ("xgboost", {}, False, "weights"),
    ("xgboost", {"lambda": 2}, True, None),
    ("xgboost", {"eta": 0.1, "max_depth": 2}, True, "weights"),
    ("lightgbm", {}, False, None),
    ("lightgbm", {"lambda_l2": 5}, False, None),
    ("lightgbm", {"boost_from_average": False}, False, None),
    ("lightgbm", {}, True, None),
    ("lightgbm", {"lambda_l2": 3}, True, None),
]


@pytest.mark.parametrize(("library", "params", "classes", "weighted"), CASES)
def test_the_exact_sum_is_that_of_moving_each_label(tmp_path, library, params, classes, weighted):
    weight = np.random.default_rng(5).uniform(0.5, 2, N) if weighted else None
    X, y, run = train(tmp_path, library, params, classes=classes, weight=weight)
    w = np.ones(N) if weight is None else weight
    eta = run.params["learning_rate"]
    penalty = float(params.get("lambda", 1) if library == "xgboost" else params.get("lambda_l2", 0))
    if "base_score" in params:
        start = lambda y: 0.5
    elif params.get("boost_from_average") is False:
        start = lambda y: 0.0
    else:
        start = logit_of_mean(w) if classes else lambda y: np.average(y, weights=w)
    eps, moved = 1e-5, 0.0
    for j in range(N):
        up, down = y.copy(), y.copy()
        up[j] += eps
        down[j] -= eps
        gap = refit(run, X, up, w, eta, penalty, start)[j] - refit(run, X, down, w, eta, penalty, start)[j]
        moved += gap / (2 * eps)
    first = next(iter(run.data.trees.batches()))
    facts = read_facts(first.raw, library)
    found = effective_parameters(run.tables(), facts, run.data, SmootherData(X, y, w, None), np.eye(N) * 1.0)
    # A unit vector alone sees its own row; the trace is their sum.
    assert found.values[-1] * N == pytest.approx(moved, rel=2e-3)
    frame = run.effective_parameters(X, y, weight=weight, n_probes=16)
    last = frame.iloc[-1]
    assert abs(last["effective_parameters"] - moved) < 4 * last["standard_error"] + 0.5


def test_one_tree_without_penalty_has_as_many_as_leaves(tmp_path):
    X, y, run = train(tmp_path, "xgboost", {"lambda": 0, "eta": 1.0}, 1)
    frame = run.effective_parameters(X, y, n_probes=400)
    n_leaves = int(run.trees["n_leaves"].iloc[0])
    assert frame["effective_parameters"].iloc[0] == pytest.approx(n_leaves, abs=4 * frame["standard_error"].iloc[0])


def test_a_huge_penalty_leaves_the_mean(tmp_path):
    X, _, run = train(tmp_path, "xgboost", {"lambda": 1e9, "gamma": 0, "min_child_weight": 0}, 3)
    frame = run.effective_parameters(X, n_probes=400)
    assert frame["effective_parameters"].iloc[-1] == pytest.approx(1.0, abs=4 * frame["standard_error"].iloc[-1])


def test_new_rows_see_the_training_rows_own_number_at_the_training_rows(tmp_path):
    X, y, run = train(tmp_path, "lightgbm", {})
    frame = run.effective_parameters(X, y, new=X)
    assert (frame["on_new_rows"] > 0).all()
    assert frame["on_new_rows"].iloc[-1] <= frame["effective_parameters"].iloc[-1] * 1.5


def test_sampled_rows_give_the_expectation(tmp_path):
    X, y, run = train(tmp_path, "xgboost", {"subsample": 0.7})
    assert run.effective_parameters(X, y)["effective_parameters"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("library", "params", "said"),
    [
        ("xgboost", {"alpha": 1.0}, "L1"),
        ("xgboost", {"max_delta_step": 0.1}, "clipped"),
        ("xgboost", {"monotone_constraints": "(1,0,0,0)"}, "monotone"),
        ("xgboost", {"booster": "dart"}, "dart"),
        ("xgboost", {"objective": "reg:absoluteerror"}, "reg:absoluteerror"),
        ("lightgbm", {"linear_tree": True}, "linear"),
        ("lightgbm", {"path_smooth": 3.0}, "parents"),
        ("lightgbm", {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.7}, "rf"),
        ("lightgbm", {"objective": "l1"}, "squared error"),
    ],
)
def test_what_is_no_smoother_is_refused_by_name(tmp_path, library, params, said):
    X, y, run = train(tmp_path, library, params)
    with pytest.raises(ConfigError, match=said):
        run.effective_parameters(X, y)


def test_other_labels_are_noticed(tmp_path):
    X, y, run = train(tmp_path, "xgboost", {})
    with pytest.raises(ConfigError, match="do not follow from these labels"):
        run.effective_parameters(X, y[::-1])


def test_other_rows_are_noticed(tmp_path):
    X, _, run = train(tmp_path, "xgboost", {})
    with pytest.raises(ConfigError, match=r"trained on 90, X has 10"):
        run.effective_parameters(X[:10])
