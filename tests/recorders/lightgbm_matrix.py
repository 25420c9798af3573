"""LightGBM trainings of every kind, small, each the same every time it is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

N_ROUNDS = 7
BASE = {"objective": "regression", "verbose": -1, "num_leaves": 7, "min_data_in_leaf": 3, "num_threads": 1, "seed": 3}
_RF = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}
_DART = {"boosting": "dart", "drop_rate": 0.6, "skip_drop": 0.1}
_MULTI = {"objective": "multiclass", "num_class": 3}
_FEW_PER_GROUP = {"min_data_per_group": 2, "cat_smooth": 1, "cat_l2": 0, "max_cat_to_onehot": 2}


def _squared(margin, data):
    return margin - data.get_label(), np.ones_like(margin)


def _bias(prediction, data):
    return "bias", float(np.mean(np.ravel(prediction)[: data.num_data()] - data.get_label())), False


CASES: dict[str, dict[str, Any]] = {
    "gbdt": {},
    "binary": {"objective": "binary", "metric": ["binary_logloss", "auc", "binary_error"]},
    "dart": _DART,
    "dart binary": {**_DART, "objective": "binary", "xgboost_dart_mode": True},
    "dart multiclass": {**_DART, **_MULTI, "uniform_drop": True, "max_drop": 3},
    "dart custom": {**_DART, "objective": _squared, "metric": "l2"},
    "rf": _RF,
    "rf binary": {**_RF, "objective": "binary"},
    "goss": {"data_sample_strategy": "goss", "top_rate": 0.3, "other_rate": 0.2},
    "linear tree": {"linear_tree": True, "linear_lambda": 0.1, "_missing": True},
    "extra trees": {"extra_trees": True},
    "multiclass": {**_MULTI, "metric": ["multi_logloss", "multi_error"]},
    "multiclassova": {"objective": "multiclassova", "num_class": 3},
    "multiclass with weights": {**_MULTI, "_weight": True},
    "l1": {"objective": "l1"},
    "huber": {"objective": "huber"},
    "quantile": {"objective": "quantile", "alpha": 0.8},
    "poisson": {"objective": "poisson"},
    "tweedie": {"objective": "tweedie"},
    "lambdarank": {"objective": "lambdarank", "eval_at": [2, 5]},
    "rank_xendcg": {"objective": "rank_xendcg", "objective_seed": 5},
    "cross_entropy": {"objective": "cross_entropy"},
    "custom objective": {"objective": _squared, "metric": "l2"},
    "custom metric": {"_feval": [_bias, lambda p, d: [("b2", 1.0, True), ("b3", 2.0, False)]]},
    "pandas categories": {"_pandas": True, **_FEW_PER_GROUP},
    "listed categories": {"_categorical": [2, 3], **_FEW_PER_GROUP},
    "missing values": {"_missing": True},
    "zero as missing": {"_missing": True, "zero_as_missing": True},
    "weights": {"_weight": True, "objective": "binary"},
    "init_score": {"_init_score": True},
    "bagging": {"bagging_freq": 2, "bagging_fraction": 0.5, "pos_bagging_fraction": 1.0},
    "feature_fraction": {"feature_fraction": 0.5, "feature_fraction_bynode": 0.7},
    "max_depth": {"max_depth": 2},
    "monotone": {"monotone_constraints": [1, -1, 0, 0], "monotone_constraints_method": "advanced"},
    "path_smooth": {"path_smooth": 2.0},
    "interaction": {"interaction_constraints": [[0, 1], [2, 3]]},
    "one feature": {"_features": 1},
    "few rows": {"_rows": 12, "min_data_in_leaf": 1, "min_data_in_bin": 1},
    "one round": {"_rounds": 1},
    "stumps": {"num_leaves": 2},
    "no split possible": {"min_data_in_leaf": 10_000},
    "no split possible, multiclass": {**_MULTI, "min_data_in_leaf": 10_000},
    "some rounds without a split": {"min_gain_to_split": 2.0, "feature_fraction": 0.25, "_rounds": 20, "eta": 0.3},
    "quantized gradients": {"use_quantized_grad": True, "num_grad_quant_bins": 8},
    "force_col_wise": {"force_col_wise": True},
    "unbalanced": {"objective": "binary", "is_unbalance": True, "_label": "rare"},
    "labels -1 and 1": {"objective": "binary", "_label": "signs"},
    "reg_sqrt": {"reg_sqrt": True},
    "names": {"_names": ["crédit net", "ünïcode", "日本", "a b c"]},
    "early stopping": {"early_stopping_round": 2, "_rounds": 12, "learning_rate": 0.9, "num_leaves": 31},
    "no validation set": {"_sets": []},
    "training set only": {"_sets": ["train"]},
    "training and validation": {"_sets": ["valid", "train"], "objective": "binary"},
}  # fmt: skip


@dataclass
class Trained:
    """What came out of a training, and what it was made of."""

    booster: lgb.Booster
    table: np.ndarray
    """(n_rows, n_features) float64, categories as codes: the validation rows."""
    raw: Any
    """The same as handed to LightGBM."""
    label: np.ndarray
    log: dict[str, dict[str, list[float]]]


def train(case, callbacks=(), *, early=False, schedule=False, params=None, rounds=None, **kwargs) -> Trained:
    """Train a case, with callbacks; with early stopping, or a learning rate schedule, if asked."""
    options = {"_rounds": rounds or N_ROUNDS, "_sets": ["valid"], **BASE, **CASES[case], **(params or {})}
    params = {k: v for k, v in options.items() if not k.startswith("_")}
    given = dict(params)
    log: dict[str, dict[str, list[float]]] = {}
    sets = {name: _set(options, name) for name in ("train", "valid")}
    own = [lgb.record_evaluation(log), *callbacks] if options["_sets"] else list(callbacks)
    if schedule:
        own.append(lgb.reset_parameter(learning_rate=lambda r: 0.2 * 0.9**r))
    if early:
        own.append(lgb.early_stopping(2, verbose=False))
    raw, label = sets["valid"]
    data = _dataset(options, *sets["train"])
    valid = {"train": data, "valid": _dataset(options, raw, label, data)}
    booster = lgb.train(
        given, data, options["_rounds"], valid_sets=[valid[n] for n in options["_sets"]] or None,
        valid_names=options["_sets"] or None, callbacks=own, **{"feval": options.get("_feval"), **kwargs},
    )  # fmt: skip
    return Trained(booster, _codes(raw), raw, label, log)


def text(booster) -> str:
    return booster.model_to_string(num_iteration=-1)


def _set(options, name):
    rng = np.random.default_rng(7 if name == "train" else 8)
    n_rows = options.get("_rows", 160) if name == "train" else 80
    X = rng.normal(size=(n_rows, 4))
    if options.get("_categorical") or options.get("_pandas"):
        X[:, 2:] = rng.integers(0, [9, 40], size=(n_rows, 2))
    if options.get("_missing"):
        X[rng.random(X.shape) < 0.2] = np.nan
        X[rng.random(X.shape) < 0.1] = 0.0
    X = X[:, : options.get("_features", 4)]
    score = np.nan_to_num(X) @ [1.0, -0.5, 0.2, 0.05][: X.shape[1]] + rng.normal(size=n_rows)
    label = _label(options, score)
    if not options.get("_pandas"):
        return X, label
    frame = pd.DataFrame({"a b": X[:, 0], "c": X[:, 1]})
    for i, n in ((2, 9), (3, 40)):
        values = [f"v{int(v):02}" for v in X[:, i]]
        frame[f"k{i}"] = pd.Categorical(values, categories=[f"v{v:02}" for v in range(n)])
    return frame, label


def _label(options, score):
    kind, objective = options.get("_label"), options["objective"]
    if options.get("num_class"):
        return np.digitize(score, [-0.6, 0.8]).astype(float)
    if kind == "rare":
        return (score > np.quantile(score, 0.9)).astype(float)
    if kind == "signs":
        return np.where(score > 0, 1.0, -1.0)
    if objective in ("binary", "cross_entropy", "lambdarank", "rank_xendcg"):
        return (score > 0).astype(float)
    return np.exp(score / 3)


def _dataset(options, X, label, reference=None):
    n = len(label)
    return lgb.Dataset(
        X, label, reference=reference,
        weight=np.linspace(0.1, 2, n) if options.get("_weight") else None,
        init_score=np.linspace(0, 1, n) if options.get("_init_score") else None,
        group=[20] * (n // 20) if options["objective"] in ("lambdarank", "rank_xendcg") else None,
        categorical_feature=options.get("_categorical", "auto"), feature_name=options.get("_names", "auto"),
    )  # fmt: skip


def _codes(raw):
    if isinstance(raw, np.ndarray):
        return raw
    return np.column_stack([c.cat.codes if c.dtype == "category" else c for _, c in raw.items()]).astype(float)
