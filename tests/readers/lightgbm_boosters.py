"""Small LightGBM boosters of every kind, with the table each was trained on."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

N_ROWS, N_ROUNDS = 240, 6
_RF = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}
_SMALL_GROUPS = {"min_data_per_group": 2, "cat_smooth": 1, "cat_l2": 0, "max_cat_to_onehot": 2}

CASES: dict[str, dict[str, Any]] = {
    "gbdt": {},
    "dart": {"boosting": "dart", "drop_rate": 0.5},
    "rf": _RF,
    "rf binary": {**_RF, "objective": "binary"},
    "rf multiclass": {**_RF, "objective": "multiclass", "num_class": 3},
    "goss": {"data_sample_strategy": "goss"},
    "linear": {"linear_tree": True},
    "linear with missing values": {"linear_tree": True, "_missing": True},
    "linear without a split": {"linear_tree": True, "min_data_in_leaf": 1000},
    "binary": {"objective": "binary", "sigmoid": 2.0},
    "multiclass": {"objective": "multiclass", "num_class": 3},
    "multiclassova": {"objective": "multiclassova", "num_class": 3, "sigmoid": 0.7},
    "regression sqrt": {"reg_sqrt": True},
    "l1": {"objective": "l1"},
    "huber": {"objective": "huber"},
    "quantile": {"objective": "quantile", "alpha": 0.8},
    "poisson": {"objective": "poisson"},
    "gamma": {"objective": "gamma"},
    "tweedie": {"objective": "tweedie"},
    "cross_entropy": {"objective": "cross_entropy"},
    "cross_entropy_lambda": {"objective": "cross_entropy_lambda"},
    "lambdarank": {"objective": "lambdarank"},
    "custom": {"objective": lambda p, d: (p - d.get_label(), np.ones_like(p))},
    "pandas categories": {"_pandas": True, **_SMALL_GROUPS},
    "pandas categories with missing values": {"_pandas": True, "_missing": True, **_SMALL_GROUPS},
    "listed categories": {"_categorical": [2, 3], **_SMALL_GROUPS},
    "listed categories with missing values": {"_categorical": [2, 3], "_missing": True, **_SMALL_GROUPS},
    "categories one against the rest": {"_categorical": [2, 3], "max_cat_to_onehot": 100, "min_data_per_group": 2},
    "missing values": {"_missing": True},
    "missing values ignored": {"_missing": True, "use_missing": False},
    "zero as missing": {"_missing": True, "zero_as_missing": True},
    "one feature": {"_features": 1},
    "one round": {"_rounds": 1},
    "no split possible": {"min_data_in_leaf": 1000},
    "no split possible, multiclass": {"objective": "multiclass", "num_class": 3, "min_data_in_leaf": 1000},
    "no split in rf": {**_RF, "min_data_in_leaf": 1000},
    "extra trees": {"extra_trees": True},
    "monotone": {"monotone_constraints": [1, -1, 0, 0]},
    "depth": {"max_depth": 2},
    "stumps": {"num_leaves": 2},
    "weights": {"_weight": True},
    "gain importance": {"saved_feature_importance_type": 1},
    "accented names": {"_names": ["crédit net", "ünïcode", "日本", "Tree=0"]},
}


@functools.cache
def train(case: str) -> tuple[lgb.Booster, np.ndarray, Any]:
    """The booster of the case, its table as float64, and the table to hand to LightGBM's own predict."""
    params = {"objective": "regression", "verbose": -1, "num_leaves": 7, "min_data_in_leaf": 3, "num_threads": 1}
    params |= CASES[case]
    table, codes = _table(params)
    data = lgb.Dataset(
        table,
        _label(params),
        weight=np.linspace(0.1, 2, N_ROWS) if params.get("_weight") else None,
        group=[20] * (N_ROWS // 20) if params["objective"] == "lambdarank" else None,
        categorical_feature=params.get("_categorical", "auto"),
        feature_name=params.get("_names", "auto"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        booster = lgb.train(
            {k: v for k, v in params.items() if not k.startswith("_")}, data, params.get("_rounds", N_ROUNDS)
        )
    return booster, codes, table


def text(booster: lgb.Booster, **slice_: int) -> bytes:
    """The booster's model text as bytes."""
    return booster.model_to_string(**{"num_iteration": -1, **slice_}).encode()


def _table(params: dict[str, Any]) -> tuple[Any, np.ndarray]:
    rng = np.random.default_rng(7)
    X = rng.normal(size=(N_ROWS, 4))
    if params.get("_categorical") or params.get("_pandas"):
        X[:, 2:] = rng.integers(0, [12, 70], size=(N_ROWS, 2))
    if params.get("_missing"):
        X[rng.random(X.shape) < 0.2] = np.nan
        X[rng.random(X.shape) < 0.1] = 0.0
    X = X[:, : params.get("_features", 4)]
    if not params.get("_pandas"):
        return X, X
    frame = pd.DataFrame({"a b": X[:, 0], "c": X[:, 1]})
    for i in (2, 3):
        frame[f"k{i}"] = pd.Categorical([None if np.isnan(v) else f"v{int(v):02}" for v in X[:, i]])
        codes = frame[f"k{i}"].cat.codes.to_numpy(dtype=float)
        X[:, i] = np.where(codes < 0, np.nan, codes)
    return frame, X


def _label(params: dict[str, Any]) -> np.ndarray:
    rng = np.random.default_rng(8)
    _, X = _table(params)
    score = np.nan_to_num(X) @ [1.0, -0.5, 0.2, 0.05][: X.shape[1]] + rng.normal(size=N_ROWS)
    score += np.where(np.isnan(X).any(axis=1), 1.0, 0.0) + np.sin(7 * np.nan_to_num(X[:, -1]))
    if params.get("num_class"):
        return np.digitize(score, np.quantile(score, [0.3, 0.7])).astype(float)
    if params["objective"] in ("binary", "cross_entropy", "cross_entropy_lambda", "lambdarank"):
        return (score > np.median(score)).astype(float)
    return np.exp(score / 4)
