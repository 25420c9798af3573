"""Predictions from the TreeTable against those of the libraries."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from tests.readers.lightgbm_boosters import CASES, text, train
from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.lightgbm import lightgbm_reader
from treedebug.readers.link_functions import transform
from treedebug.readers.model_facts import ModelFacts
from treedebug.readers.tree_predictions import leaf_positions, margins_by_round, tree_outputs
from treedebug.readers.xgboost import xgboost_reader

N_ROWS, N_ROUNDS = 240, 6


def strange_rows(codes: np.ndarray) -> np.ndarray:
    """The training rows, and ones with missing, unseen, negative, tiny and broken values."""
    rng = np.random.default_rng(3)
    values = [np.nan, -1.0, -0.5, 0.0, 1e-36, -1e-36, 1e-30, 0.9, 2.7, 11.0, 69.0, 500.0, 1e9]
    return np.concatenate([codes, rng.choice(values, (200, codes.shape[1]))])


@functools.cache
def read_lightgbm(case: str) -> tuple[Any, np.ndarray, TreeTable, ModelFacts]:
    booster, codes, _ = train(case)
    raw = text(booster)
    return booster, strange_rows(codes), lightgbm_reader.read(raw), lightgbm_reader.facts(raw)


def lightgbm_predict(booster: Any, X: np.ndarray, **kind: Any) -> np.ndarray:
    """LightGBM's own prediction on category codes."""
    plain = type(booster)(model_str=booster.model_to_string(num_iteration=-1))
    plain.pandas_categorical = None
    return np.asarray(plain.predict(X, **kind))


@pytest.mark.parametrize("case", CASES)
def test_lightgbm_leaves(case: str) -> None:
    booster, X, table, _ = read_lightgbm(case)
    n_splits = (~table.is_leaf).sum() and np.add.reduceat(~table.is_leaf, table.offsets[:-1])
    ours = leaf_positions(table, X) - table.offsets[:-1] - n_splits
    theirs = lightgbm_predict(booster, X, pred_leaf=True).reshape(ours.shape)
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("case", CASES)
def test_lightgbm_margins_and_predictions_after_every_round(case: str) -> None:
    booster, X, table, facts = read_lightgbm(case)
    rounds = []
    for round_index, margin in margins_by_round(table, X, facts):
        upto = {"num_iteration": round_index + 1}
        raw = lightgbm_predict(booster, X, raw_score=True, **upto).reshape(margin.shape)
        # LightGBM's raw scores of a random forest are sums; only predict() averages.
        np.testing.assert_array_equal(margin, raw / (round_index + 1) if facts.average_output else raw)
        predicted = transform(margin, facts)
        theirs = lightgbm_predict(booster, X, **upto)
        assert predicted.shape == theirs.shape
        np.testing.assert_allclose(predicted, theirs, rtol=1e-14, atol=1e-300)
        rounds.append(round_index)
    assert rounds == list(range(booster.current_iteration()))


def test_margins_go_on_over_slices() -> None:
    booster, X, table, facts = read_lightgbm("rf multiclass")
    slices = [
        lightgbm_reader.read(text(booster, start_iteration=i, num_iteration=2), rounds=np.arange(i, i + 2))
        for i in (0, 2, 4)
    ]
    in_slices = list(margins_by_round(iter(slices), X, facts))
    for (i, a), (j, b) in zip(margins_by_round(table, X, facts), in_slices, strict=True):
        assert i == j
        np.testing.assert_array_equal(a, b)


XGBOOST: dict[str, dict[str, Any]] = {
    "regression": {},
    "logistic": {"objective": "binary:logistic"},
    "logitraw": {"objective": "binary:logitraw"},
    "hinge": {"objective": "binary:hinge"},
    "reg logistic": {"objective": "reg:logistic"},
    "softprob": {"objective": "multi:softprob", "num_class": 3},
    "softmax": {"objective": "multi:softmax", "num_class": 3},
    "poisson": {"objective": "count:poisson"},
    "gamma": {"objective": "reg:gamma"},
    "tweedie": {"objective": "reg:tweedie"},
    "cox": {"objective": "survival:cox"},
    "absolute": {"objective": "reg:absoluteerror"},
    "quantile": {"objective": "reg:quantileerror", "quantile_alpha": [0.2, 0.8]},
    "huber": {"objective": "reg:pseudohubererror"},
    "squared log": {"objective": "reg:squaredlogerror"},
    "dart": {"booster": "dart", "rate_drop": 0.5},
    "dart softprob": {"booster": "dart", "rate_drop": 0.5, "objective": "multi:softprob", "num_class": 3},
    "parallel trees": {"num_parallel_tree": 3, "subsample": 0.5, "objective": "multi:softprob", "num_class": 3},
    "base score": {"base_score": 0.3, "objective": "binary:logistic"},
    "lossguide": {"grow_policy": "lossguide", "max_leaves": 5},
    "no split": {"gamma": 1e9},
    "missing": {"_missing": True},
    "categories": {"_categorical": True, "max_cat_to_onehot": 2},
    "one-hot categories": {"_categorical": True, "max_cat_to_onehot": 1000},
    "categories and missing": {"_categorical": True, "_missing": True, "max_cat_to_onehot": 2},
    "targets": {"_targets": 2},
    "vector leaves": {"_targets": 2, "multi_strategy": "multi_output_tree"},
}


LOGARITHMS = ("binary:logistic", "reg:logistic", "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox")
"""Base margins through a logarithm, whose last bit depends on the C library."""


@functools.cache
def read_xgboost(case: str) -> tuple[xgb.Booster, xgb.DMatrix, np.ndarray, TreeTable, ModelFacts]:
    params = {"max_depth": 4, "tree_method": "hist", "nthread": 1, "min_child_weight": 0, "max_bin": 32, "seed": 1}
    params |= {k: v for k, v in XGBOOST[case].items() if not k.startswith("_")}
    X, y = xgboost_data(XGBOOST[case])
    types = ["q", "q", "c", "c"] if XGBOOST[case].get("_categorical") else ["q"] * 4
    booster = xgb.train(params, xgb.DMatrix(X, y, feature_types=types, enable_categorical=True), N_ROUNDS)
    raw = bytes(booster.save_raw("ubj"))
    rows = strange_rows(X)
    matrix = xgb.DMatrix(rows, feature_types=types, enable_categorical=True)
    return booster, matrix, rows, xgboost_reader.read(raw), xgboost_reader.facts(raw)


def xgboost_data(options: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    X = rng.normal(size=(N_ROWS, 4))
    if options.get("_categorical"):
        X[:, 2:] = rng.integers(0, [12, 70], size=(N_ROWS, 2))
    if options.get("_missing"):
        X[rng.random(X.shape) < 0.2] = np.nan
    score = np.nan_to_num(X) @ [1.0, -0.5, 0.2, 0.05] + np.sin(7 * np.nan_to_num(X[:, 3])) + rng.normal(size=N_ROWS)
    objective = options.get("objective", "")
    if options.get("num_class"):
        return X, np.digitize(score, np.quantile(score, [0.3, 0.7])).astype(float)
    if objective.startswith("binary") or objective == "reg:logistic":
        return X, (score > 0).astype(float)
    if options.get("_targets"):
        return X, np.stack([score, np.abs(score)], axis=1)
    return X, np.exp(score / 4)


@pytest.mark.parametrize("case", [c for c in XGBOOST if c != "vector leaves"])
def test_xgboost_leaves(case: str) -> None:
    booster, matrix, X, table, _ = read_xgboost(case)
    ours = leaf_positions(table, X)
    assert table.is_leaf[ours].all()
    # Our nodes may be numbered anew, so leaves are compared by which rows share them.
    theirs = booster.predict(matrix, pred_leaf=True).reshape(ours.shape)
    for t in range(table.n_trees):
        pairs = set(zip(ours[:, t].tolist(), theirs[:, t].tolist(), strict=True))
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@pytest.mark.parametrize("case", XGBOOST)
def test_xgboost_margins_and_predictions_after_every_round(case: str) -> None:
    booster, matrix, X, table, facts = read_xgboost(case)
    rounds = 0
    for round_index, margin in margins_by_round(table, X, facts):
        upto = {"iteration_range": (0, round_index + 1)}
        raw = booster.predict(matrix, output_margin=True, **upto).reshape(margin.shape)
        if facts.objective in LOGARITHMS:
            np.testing.assert_allclose(margin, raw, rtol=1e-5, atol=1e-6)
        else:
            np.testing.assert_array_equal(margin.astype(np.float32), raw)
        theirs = booster.predict(matrix, **upto)
        predicted = transform(margin, facts)
        assert predicted.shape == theirs.shape
        np.testing.assert_allclose(predicted, theirs, rtol=2e-6, atol=1e-7)
        rounds += 1
    assert rounds == N_ROUNDS


def test_weights_scale_the_outputs() -> None:
    _, X, table, _ = read_lightgbm("gbdt")
    halved = replace(table, weight=table.weight / 2)
    for whole, half in zip(tree_outputs(table, X), tree_outputs(halved, X), strict=True):
        np.testing.assert_array_equal(whole / 2, half)


def test_a_table_with_too_few_columns_is_refused() -> None:
    _, X, table, _ = read_lightgbm("gbdt")
    with pytest.raises(ValueError, match="expected a table of at least 4 columns"):
        leaf_positions(table, X[:, :2])
    with pytest.raises(ValueError, match="expected a table"):
        leaf_positions(table, X[0])


def test_no_rows_give_no_predictions() -> None:
    _, X, table, facts = read_lightgbm("multiclass")
    assert leaf_positions(table, X[:0]).shape == (0, table.n_trees)
    assert [margin.shape for _, margin in margins_by_round(table, X[:0], facts)] == [(0, 3)] * 6


def test_large_margins_stay_finite_in_their_links() -> None:
    _, _, _, facts = read_lightgbm("binary")
    margin = np.array([[-1e4], [0.0], [1e4]])
    np.testing.assert_array_equal(transform(margin, facts), [0, 0.5, 1])
    probabilities = transform(np.array([[1e4, 0.0, -1e4]]), replace(facts, objective="multiclass"))
    np.testing.assert_array_equal(probabilities, [[1, 0, 0]])


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_an_unknown_objective_changes_nothing(library: str) -> None:
    facts = replace(read_lightgbm("custom")[3], library=library, objective="reg:mine")
    np.testing.assert_array_equal(transform(np.array([[1.5], [-2.0]]), facts), [1.5, -2.0])
