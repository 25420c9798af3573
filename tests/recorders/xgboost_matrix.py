"""Small XGBoost trainings of every kind, each run once without and once with the callback."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

import treedebug
from tests.readers.xgboost_boosters import CLASSES, CLEAN, FROM_LETTER, POSITIVE, SIGNAL, TABLE, TWO, X, dumped_nodes

xgb = pytest.importorskip("xgboost")

__all__ = [
    "BINARY", "CASES", "CLASSES", "CLEAN", "CUT", "SIGNAL", "TWO", "Case", "X", "bias", "dumped_nodes", "every_case",
    "objective", "plain", "raw_of", "recorded", "train", "xgb",
]  # fmt: skip

CUT = 80
"""Rows before this one are trained on, the others are the validation set."""
WEIGHTS = np.linspace(0.5, 2.0, len(SIGNAL))
BINARY = (SIGNAL > 0.3).astype(float)


def objective(margins: np.ndarray, data: Any) -> tuple[np.ndarray, np.ndarray]:
    return margins - data.get_label(), np.ones_like(margins)


def bias(predictions: np.ndarray, data: Any) -> tuple[str, float]:
    return "bias", float(np.mean(predictions - data.get_label()))


@dataclass
class Case:
    """One configuration; `x` and `y` are cut in two, and so is everything in `info` (an array a row)."""

    params: dict[str, Any]
    y: Any = None
    x: Any = None
    rounds: int = 12
    info: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    groups: int = 0
    quantile: bool = False
    n_train: int = CUT

    def matrices(self) -> tuple[Any, Any]:
        x = X if self.x is None else self.x
        y = SIGNAL if self.y is None else self.y
        found: list[Any] = []
        for rows in (slice(0, self.n_train), slice(CUT, None)):
            part = x.iloc[rows] if isinstance(x, pd.DataFrame) else x[rows]
            options = {k: v[rows] for k, v in self.info.items()}
            if self.groups:
                options["group"] = [self.groups] * (len(part) // self.groups)
            if isinstance(x, pd.DataFrame):
                options["enable_categorical"] = True
            if self.quantile:
                ref = found[0] if found else None
                found.append(xgb.QuantileDMatrix(part, y[rows], ref=ref, max_bin=16, **options))
            else:
                found.append(xgb.DMatrix(part, y[rows], **options))
        return found[0], found[1]

    def rows(self, train: bool) -> Any:
        x = X if self.x is None else self.x
        rows = slice(0, self.n_train) if train else slice(CUT, None)
        return x.iloc[rows] if isinstance(x, pd.DataFrame) else x[rows]

    def labels(self, train: bool) -> Any:
        y = SIGNAL if self.y is None else self.y
        return y[slice(0, self.n_train) if train else slice(CUT, None)]


def _binary(**params: Any) -> dict[str, Any]:
    return {"objective": "binary:logistic", "eval_metric": ["auc", "logloss", "error@0.7"], **params}


def _softprob(**params: Any) -> dict[str, Any]:
    return {"objective": "multi:softprob", "num_class": 3, **params}


CASES: dict[str, Case] = {
    "hist": Case({"tree_method": "hist"}),
    "exact": Case({"tree_method": "exact"}),
    "exact pruned": Case({"tree_method": "exact", "gamma": 3.0, "max_depth": 5}),
    "approx": Case({"tree_method": "approx"}),
    "lossguide": Case({"grow_policy": "lossguide", "max_leaves": 9, "max_depth": 0}),
    "dart": Case(_binary(booster="dart", rate_drop=0.5), BINARY),
    "dart forest norm": Case({"booster": "dart", "rate_drop": 0.3, "normalize_type": "forest", "one_drop": 1}),
    "dart weighted": Case({"booster": "dart", "rate_drop": 0.4, "sample_type": "weighted", "skip_drop": 0.3}),
    "dart classes": Case(_softprob(booster="dart", rate_drop=0.5), CLASSES, rounds=7),
    "parallel trees": Case({"num_parallel_tree": 3, "subsample": 0.7}, rounds=6),
    "random forest": Case({"num_parallel_tree": 20, "subsample": 0.6, "eta": 1.0}, rounds=1),
    "gblinear": Case({"booster": "gblinear", "updater": "shotgun", "feature_selector": "cyclic"}, x=CLEAN),
    "gblinear coord": Case(_binary(booster="gblinear", updater="coord_descent"), BINARY, x=CLEAN),
    "softprob": Case(_softprob(), CLASSES),
    "softmax forest": Case({"objective": "multi:softmax", "num_class": 3, "num_parallel_tree": 2}, CLASSES, rounds=6),
    "two outputs": Case({}, TWO),
    "two labels": Case({"objective": "binary:logistic"}, (TWO > 0).astype(float)),
    "vector leaves": Case({"multi_strategy": "multi_output_tree"}, TWO),
    "absolute error": Case({"objective": "reg:absoluteerror"}),
    "pseudo huber": Case({"objective": "reg:pseudohubererror"}),
    "squared log": Case({"objective": "reg:squaredlogerror"}, POSITIVE),
    "logistic regression": Case({"objective": "reg:logistic"}, 0.9 * BINARY),
    "logit raw": Case({"objective": "binary:logitraw"}, BINARY),
    "hinge": Case({"objective": "binary:hinge"}, BINARY),
    "poisson": Case({"objective": "count:poisson"}, np.round(POSITIVE)),
    "tweedie": Case({"objective": "reg:tweedie", "tweedie_variance_power": 1.3}, POSITIVE),
    "gamma": Case({"objective": "reg:gamma"}, POSITIVE),
    "ndcg": Case({"objective": "rank:ndcg", "eval_metric": ["ndcg@3", "map@5-"]}, CLASSES > 1, groups=20),
    "pairwise": Case({"objective": "rank:pairwise"}, CLASSES, groups=20),
    "cox": Case({"objective": "survival:cox"}, POSITIVE),
    "aft": Case(
        {"objective": "survival:aft"}, POSITIVE, info={"label_lower_bound": POSITIVE, "label_upper_bound": POSITIVE + 1}
    ),
    "custom objective": Case({"disable_default_eval_metric": 1}, more={"obj": objective, "custom_metric": bias}),
    "custom metric": Case(_binary(), BINARY, more={"custom_metric": bias}),
    "quantiles": Case({"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.5, 0.9]}),
    "categories, partition": Case({"max_cat_to_onehot": 1}, FROM_LETTER, TABLE),
    "categories, onehot": Case({"max_cat_to_onehot": 50}, FROM_LETTER, TABLE),
    "weights": Case(_binary(scale_pos_weight=3), BINARY, info={"weight": WEIGHTS}),
    "sampling": Case(_softprob(subsample=0.6, colsample_bytree=0.5, colsample_bynode=0.7, seed=9), CLASSES),
    "monotone": Case({"monotone_constraints": "(1,0,-1,0)"}),
    "interactions": Case({"interaction_constraints": "[[0, 1], [2, 3]]", "max_depth": 4}),
    "quantile matrix": Case(_binary(max_bin=16), BINARY, quantile=True),
    "one feature": Case({}, x=X[:, :1]),
    "one row": Case({}, n_train=1),
    "one round": Case(_binary(), BINARY, rounds=1),
    "roots only": Case({"gamma": 1e9}),
    "vector roots": Case({"multi_strategy": "multi_output_tree", "gamma": 1e9}, TWO),
    "many rounds": Case(_binary(max_depth=1), BINARY, rounds=140),
    "margins": Case(_binary(), BINARY, info={"base_margin": SIGNAL / 3}),
}
every_case = pytest.mark.parametrize("name", CASES)


@dataclass
class Recorded:
    case: Case
    booster: Any
    log: dict[str, Any]
    run: treedebug.Run
    live: Live
    dtrain: Any
    dvalid: Any

    @property
    def has_trees(self) -> bool:
        return self.case.params.get("booster") != "gblinear"

    @property
    def is_dart(self) -> bool:
        return self.case.params.get("booster") == "dart"


class Live(xgb.callback.TrainingCallback):  # type: ignore[name-defined]
    """What the booster said while it trained, by round: the twin of what the recorder should know."""

    def __init__(self, *data: Any) -> None:
        self.data = data
        self.margins: list[list[np.ndarray]] = []

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        self.margins.append([model.predict(d, output_margin=True) for d in self.data])
        return False


def train(case: Case, *, callbacks: Any = (), **more: Any) -> tuple[Any, dict[str, Any], Any, Any]:
    dtrain, dvalid = case.matrices()
    log: dict[str, Any] = {}
    booster = xgb.train(
        {"nthread": 1, "max_depth": 3, "verbosity": 0, **case.params}, dtrain, case.rounds,
        evals=[(dtrain, "train"), (dvalid, "valid")], evals_result=log, callbacks=list(callbacks),
        **{"verbose_eval": False, **case.more, **more},
    )  # fmt: skip
    return booster, log, dtrain, dvalid


@functools.cache
def plain(name: str) -> tuple[bytes, dict[str, Any]]:
    booster, log, *_ = train(CASES[name])
    return bytes(booster.save_raw("ubj")), log


@functools.cache
def recorded(name: str) -> Recorded:
    case = CASES[name]
    dtrain, dvalid = case.matrices()
    live = Live(dtrain, dvalid)
    callback = treedebug.XGBoostCallback(classes_every=1, dart_every=1, quiet=True)
    log: dict[str, Any] = {}
    booster = xgb.train(
        {"nthread": 1, "max_depth": 3, "verbosity": 0, **case.params}, dtrain, case.rounds,
        evals=[(dtrain, "train"), (dvalid, "valid")], evals_result=log, callbacks=[callback, live],
        verbose_eval=False, **case.more,
    )  # fmt: skip
    return Recorded(case, booster, log, callback.run, live, dtrain, dvalid)


def raw_of(booster: Any) -> bytes:
    return bytes(booster.save_raw("ubj"))
