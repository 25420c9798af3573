"""Parameters that the library does not know or does not use, and parameters that cannot both be meant."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .ways import ask_params, lgb_run, rmse, thirds, xgb_run

ELSEWHERE = r"try drop=|leak|disguise"


def waves(n: int = 2400, noise: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(21)
    X = rng.uniform(-2, 2, size=(n, 6))
    return X, np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.5 * X[:, 3] + noise * rng.normal(size=n)


def _xgb(params: dict[str, Any], rounds: int = 100, noise: float = 0.3, **more: Any) -> Seen:
    """A regression with XGBoost: the loss, the run, and `check_params`."""
    X, y = waves(noise=noise)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(params, d, rounds, [(d, "train"), (dv, "valid")], **more)
    asked = ask_params(
        params, d, rounds, evals=[(dv, "valid")], early_stopping_rounds=more.get("early_stopping_rounds")
    )
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, asked)


def _lgb(params: dict[str, Any], rounds: int = 100, noise: float = 0.3) -> Seen:
    """A regression with LightGBM: the loss, the run, and `check_params`."""
    X, y = waves(noise=noise)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    m, run = lgb_run(params, d, rounds, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, rounds, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #6710",
    "ignored parameter",
    measure="RMSE",
    cause=r"n_estimators=500|n_estimators.{0,40}(know|argument|ignore)",
    misleading=ELSEWHERE,
)
def n_estimators_in_xgb_train(mended: bool) -> Seen:
    """n_estimators=500 stands in the parameters of xgb.train, and 10 rounds are trained."""
    params = {"max_depth": 4, "eta": 0.1}
    return _xgb(params, 500) if mended else _xgb(params | {"n_estimators": 500}, 10)


@situation(
    "dmlc/xgboost #5502",
    "ignored parameter",
    measure="RMSE",
    cause=r"num_boost_round=2000\b|num_boost_round.{0,40}(know|argument|ignore)",
    misleading=ELSEWHERE,
)
def num_boost_round_in_the_parameters(mended: bool) -> Seen:
    """xgboost.train(params, data) with num_boost_round=2000 among the params takes the default number of rounds."""
    params = {"learning_rate": 0.1, "max_depth": 4}
    return _xgb(params, 500) if mended else _xgb(params | {"num_boost_round": 2000}, 10)


@situation(
    "dmlc/xgboost #1054",
    "ignored parameter",
    measure="RMSE",
    cause=r"bst:eta",
    misleading=ELSEWHERE,
)
def an_old_prefix_before_eta(mended: bool) -> Seen:
    """bst:eta=0.02 of an old script is not read any more: the learning rate is the default."""
    params = {"eta": 0.02} if mended else {"bst:eta": 0.02}
    return _xgb(params | {"max_depth": 6, "subsample": 0.7}, 300, noise=1.5)


@situation(
    "fabsig/GPBoost #11",
    "ignored parameter",
    measure="RMSE",
    cause=r"learning_rate:|learnin",
    misleading=ELSEWHERE,
)
def a_colon_in_the_name(mended: bool) -> Seen:
    """{'learning_rate:': 0.5}: the extra colon is ignored without a word, and takes a while to find."""
    return _lgb({"learning_rate" if mended else "learning_rate:": 0.5, "num_leaves": 7}, 15)


@situation(
    "alteryx/evalml #1330",
    "ignored parameter",
    measure="RMSE",
    cause=r"bagging_(freq|fraction)|subsample",
    misleading=ELSEWHERE,
)
def bagging_without_bagging_freq(mended: bool) -> Seen:
    """bagging_fraction=0.5 with bagging_freq=0 samples nothing."""
    params = {"bagging_fraction": 0.5, "bagging_freq": 1 if mended else 0, "num_leaves": 31, "learning_rate": 0.05}
    return _lgb(params, 200, noise=2.5)


@situation(
    "dmlc/xgboost #7883",
    "ignored parameter",
    measure="leaves a tree over the limit",
    cause=r"max_leaves|grow_policy|lossguide",
    misleading=ELSEWHERE,
)
def lossguide_with_exact(mended: bool) -> Seen:
    """grow_policy=lossguide with tree_method=exact runs without an error, and max_leaves is ignored."""
    X, y = waves()
    d, dv = xgb.DMatrix(X[:1600], y[:1600]), xgb.DMatrix(X[1600:], y[1600:])
    params = {"tree_method": "hist" if mended else "exact", "grow_policy": "lossguide", "max_leaves": 8, "eta": 0.1}
    m, run = xgb_run(params, d, 50, [(d, "train"), (dv, "valid")])
    most = max(tree.count("leaf=") for tree in m.get_dump())
    return Seen(float(max(0, most - 8)), run, ask_params(params, d, 50, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #2108",
    "ignored parameter",
    measure="parameters without effect",
    cause=r"gblinear|max_depth=4",
    misleading=r"try (drop|gamma|max_depth)=",
)
def tree_parameters_with_gblinear(mended: bool) -> Seen:
    """Which parameters does gblinear use? max_depth, gamma and min_child_weight are given, and none is."""
    base = {"booster": "gbtree" if mended else "gblinear", "eta": 0.1}
    given = {"max_depth": 4, "min_child_weight": 20, "gamma": 2.0}
    seen = _xgb(base | given, 60)
    idle = sum(_xgb(base | {k: v for k, v in given.items() if k != name}, 60).loss == seen.loss for name in given)
    return Seen(float(idle), seen.run, seen.params)


@situation(
    "lightgbm-org/LightGBM #3167",
    "ignored parameter",
    measure="share of rare rows missed",
    cause=r"class_weight",
    misleading=ELSEWHERE,
)
def class_weight_in_lgb_train(mended: bool) -> Seen:
    """class_weight among the parameters of lgb.train has no effect: it belongs to the scikit-learn wrapper."""
    rng = np.random.default_rng(22)
    X = rng.normal(size=(3000, 5))
    y = np.select([X[:, 0] + rng.normal(size=3000) > 2.4, X[:, 1] + rng.normal(size=3000) > 1], [2, 1], 0)
    a, v, t = thirds(len(y))
    by = {0: 1.0, 1: 3.0, 2: 12.0}
    params: dict[str, Any] = {"objective": "multiclass", "num_class": 3, "num_leaves": 7}
    params |= {} if mended else {"class_weight": "balanced"}
    weight = np.vectorize(by.get)(y) if mended else np.ones(len(y))
    d = lgb.Dataset(X[a], y[a], weight=weight[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v], weight=weight[v])
    m, run = lgb_run(params, d, 60, [(dv, "valid")])
    missed = float(np.mean(np.argmax(m.predict(X[t]), axis=1)[y[t] == 2] != 2))
    return Seen(missed, run, ask_params(params, d, 60, evals=[(dv, "valid")]))


@situation(
    "lightgbm-org/LightGBM #1300",
    "ignored parameter",
    measure="share of rare rows missed",
    cause=r"is_unbalance",
    misleading=ELSEWHERE,
)
def is_unbalance_with_many_classes(mended: bool) -> Seen:
    """is_unbalance is set for a multiclass objective, where it does nothing."""
    rng = np.random.default_rng(23)
    X = rng.normal(size=(3000, 5))
    y = np.select([X[:, 0] + rng.normal(size=3000) > 2.4, X[:, 1] + rng.normal(size=3000) > 1], [2, 1], 0)
    a, v, t = thirds(len(y))
    params: dict[str, Any] = {"num_class": 3, "num_leaves": 7, "is_unbalance": True}
    params["objective"] = "multiclassova" if mended else "multiclass"
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    m, run = lgb_run(params, d, 60, [(dv, "valid")])
    missed = float(np.mean(np.argmax(m.predict(X[t]), axis=1)[y[t] == 2] != 2))
    return Seen(missed, run, ask_params(params, d, 60, evals=[(dv, "valid")]))


@situation(
    "lightgbm-org/LightGBM #2673",
    "contradicting parameters",
    measure="leaves a tree below num_leaves",
    cause=r"num_leaves",
    misleading=ELSEWHERE,
)
def more_leaves_than_the_depth_allows(mended: bool) -> Seen:
    """A search ends at max_depth=4 with num_leaves=83, of which 16 can exist."""
    X, y = waves()
    d = lgb.Dataset(X[:1600], y[:1600], free_raw_data=False)
    dv = d.create_valid(X[1600:], y[1600:])
    params = {"max_depth": 4, "num_leaves": 16 if mended else 83}
    m, run = lgb_run(params, d, 100, [(d, "train"), (dv, "valid")])
    most = max(tree["num_leaves"] for tree in m.dump_model()["tree_info"])
    return Seen(float(params["num_leaves"] - most), run, ask_params(params, d, 100, evals=[(dv, "valid")]))


@situation(
    "lightgbm-org/LightGBM #2898",
    "contradicting parameters",
    measure="RMSE",
    cause=r"num_leaves",
    misleading=ELSEWHERE,
)
def depth_without_leaves(mended: bool) -> Seen:
    """max_depth=10 alone: num_leaves keeps its default of 31, which is what ends the trees."""
    rng = np.random.default_rng(24)
    X = rng.uniform(0, 16, size=(12000, 2))
    cells = rng.normal(size=(16, 16))
    y = cells[X[:, 0].astype(int), X[:, 1].astype(int)] + 0.1 * rng.normal(size=12000)
    a, v, t = thirds(len(y))
    params = {"max_depth": 10, "learning_rate": 0.2} | ({"num_leaves": 400} if mended else {})
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    m, run = lgb_run(params, d, 25, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 25, evals=[(dv, "valid")]))


@situation(
    "lightgbm-org/LightGBM #4825",
    "contradicting parameters",
    measure="RMSE",
    cause=r"min_child_samples|min_data_in_leaf.{0,60}(and|twice|alias|both)",
    misleading=ELSEWHERE,
)
def one_parameter_under_two_names(mended: bool) -> Seen:
    """'min_data_in_leaf is set=500, min_child_samples=20 will be ignored': two names of one parameter, two values."""
    params = {"min_child_samples": 20} | ({} if mended else {"min_data_in_leaf": 500})
    return _lgb(params | {"num_leaves": 15})


@situation(
    "lightgbm-org/LightGBM #2347",
    "ignored parameter",
    measure="parameters without effect",
    cause=r"learning_rate",
    misleading=ELSEWHERE + r"|try num_iterations=\d{3}|try learning_rate=0\.",
)
def learning_rate_of_a_random_forest(mended: bool) -> Seen:
    """boosting=rf with learning_rate=0.01: in a forest the learning rate is 1, and nothing boosts."""
    params = {"boosting": "rf", "bagging_fraction": 0.6, "bagging_freq": 1, "num_leaves": 63}
    without = _lgb(params, 80)
    seen = without if mended else _lgb(params | {"learning_rate": 0.01}, 80)
    return Seen(float(not mended and seen.loss == without.loss), seen.run, seen.params)


@situation(
    "dmlc/xgboost #4909",
    "ignored parameter",
    measure="trees a round",
    cause=r"num_parallel_tree|(trees?|each) .{0,40}(same|equal|identical|cop)|sampl",
    misleading=r"try drop=|try max_depth=",
)
def a_forest_of_equal_trees(mended: bool) -> Seen:
    """num_parallel_tree=30 without sampling rows or columns: thirty times the same tree in every round."""
    X, y = waves()
    a, v, _ = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"max_depth": 5, "eta": 0.3, "num_parallel_tree": 1 if mended else 30}
    m, run = xgb_run(params, d, 20, [(d, "train"), (dv, "valid")])
    return Seen(float(len(m.get_dump()) / 20), run, ask_params(params, d, 20, evals=[(dv, "valid")]))
