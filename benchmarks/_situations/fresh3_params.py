"""The third fresh batch, from threads nobody had read when the rules were done: parameters and what they ask for."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .parameters import ELSEWHERE, waves
from .training import noisy
from .ways import ask_params, draw, lgb_run, log_loss, refused, rmse, thirds, xgb_run


@situation(
    "lightgbm-org/LightGBM #1061", "ignored parameters", measure="RMSE", cause="ignore_column", misleading="overfit"
)
def a_column_is_to_be_ignored(mended: bool) -> Seen:
    """ignore_column is given in Python, and the trees use the column all the same: it works for files alone."""
    X, y = waves()
    a, v, t = thirds(len(y))
    note = np.where(np.arange(len(y)) < len(y) // 2, y, 0.0) + 0.3 * np.random.default_rng(141).normal(size=len(y))
    X = X if mended else np.c_[X, note]
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"num_leaves": 15} if mended else {"num_leaves": 15, "ignore_column": "6"}
    m, run = lgb_run(params, d, 60, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 60))


@situation(
    "dmlc/xgboost #7825", "ignored parameters", measure="log loss",
    cause=r"feature.?weights.{0,200}(colsample|column|sampl|no effect|nothing|ignored)", misleading=ELSEWHERE,
)  # fmt: skip
def weights_of_features_and_nothing_drawn(mended: bool) -> Seen:
    """feature_weights are to keep noise out of the trees; no colsample is set, and so no column is ever drawn."""
    rng = np.random.default_rng(142)
    X = rng.normal(size=(1200, 30))
    y = draw(1.2 * X[:, 0] + X[:, 1] * X[:, 2], rng)
    a, v, t = thirds(len(y))
    d = xgb.DMatrix(X[a], y[a], feature_weights=np.where(np.arange(30) < 3, 1.0, 0.001))
    params = {"objective": "binary:logistic", "eta": 0.05, "max_depth": 3}
    params |= {"colsample_bytree": 0.1} if mended else {}
    dv = xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(params, d, 80, [(dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 80, evals=[(dv, "valid")]))


@situation(
    "lightgbm-org/LightGBM #747", "missing values", measure="log loss", cause="zero_as_missing", misleading=ELSEWHERE
)
def zeros_that_mean_zero(mended: bool) -> Seen:
    """zero_as_missing=true takes the AUC from 0.71 to 0.65: counts of zero and fields left empty become one."""
    rng = np.random.default_rng(143)
    X = rng.poisson(0.8, size=(3000, 6)).astype(float)
    y = draw(np.where(X[:, 0] == 0, -1.5, 0.5) + np.where(X[:, 1] == 0, -1.2, 0.4) + 0.3 * X[:, 2], rng)
    for j in (0, 1):  # empty where the answer was no
        X[(rng.random(3000) < 0.3) & (y == 1), j] = np.nan
    a, v, t = thirds(len(y))
    params = {"objective": "binary", "num_leaves": 15} | ({} if mended else {"zero_as_missing": True})
    d = lgb.Dataset(X[a], y[a], params=params, free_raw_data=False)
    m, run = lgb_run(params, d, 40, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, 40))


@situation(
    "lightgbm-org/LightGBM #1299", "class weights", measure="log loss", cause="scale_pos_weight", misleading=ELSEWHERE
)
def the_class_weight_is_upside_down(mended: bool) -> Seen:
    """'scale_pos_weight is always positives / negatives, I thought': with a rare class that makes it rarer still."""
    rng = np.random.default_rng(144)
    X = rng.normal(size=(6000, 6))
    y = draw(1.3 * X[:, 0] + X[:, 1] * X[:, 2] - 3.4, rng)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}
    params |= {} if mended else {"scale_pos_weight": float(np.mean(y[a]) / (1 - np.mean(y[a])))}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 60, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #2773", "class weights", measure="log loss",
    cause=r"scale_pos_weight.{0,200}(sample weight|\bweights\b|twice|both)|\bweights\b.{0,200}(scale_pos_weight|twice)",
    misleading=ELSEWHERE,
)  # fmt: skip
def the_rare_class_is_weighted_twice(mended: bool) -> Seen:
    """3 % positives: scale_pos_weight=32, and sample weights of 32 as well: what if I use all options at once?"""
    rng = np.random.default_rng(145)
    X = rng.normal(size=(8000, 6))
    y = draw(1.3 * X[:, 0] + X[:, 1] * X[:, 2] - 4.4, rng)
    a, v, t = thirds(len(y))
    w = np.where(y == 1, 32.0, 1.0)
    d = xgb.DMatrix(X[a], y[a], weight=None if mended else w[a])
    dv = xgb.DMatrix(X[v], y[v], weight=None if mended else w[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3} | ({} if mended else {"scale_pos_weight": 32})
    m, run = xgb_run(params, d, 80, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 80, evals=[(dv, "valid")]))


@situation(
    "lightgbm-org/LightGBM #742", "class weights", measure="training is refused", asked="params",
    cause=r"is_unbalance.{0,160}scale_pos_weight|scale_pos_weight.{0,160}is_unbalance", misleading=ELSEWHERE,
)  # fmt: skip
def unbalanced_and_weighted_too(mended: bool) -> Seen:
    """is_unbalance and scale_pos_weight=9.2 stand side by side; today LightGBM refuses. It is seen before training."""
    X, y = noisy(1600, 146)
    d = lgb.Dataset(X, y, free_raw_data=False)
    params = {"objective": "binary", "is_unbalance": True} | ({} if mended else {"scale_pos_weight": 9.2})
    failed = refused(lambda: lgb.train({"verbosity": -1, "num_threads": 1, **params}, d, 10))
    return Seen(failed, params=ask_params(params, d, 10))


@situation(
    "dmlc/xgboost #10390", "continued training", measure="RMSE",
    cause=r"(process_type|refresh|update).{0,200}(tree|round)|trees?.{0,120}(dropped|deleted|thrown|lost|cut|are left)",
    misleading=ELSEWHERE + "|leaves the trees",
)  # fmt: skip
def a_refresh_of_ten_trees_in_a_hundred(mended: bool) -> Seen:
    """process_type=update with the default of 10 rounds deletes 90 of the 100 trees that were to be refreshed."""
    X, y = waves()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eta": 0.1, "max_depth": 4}
    first = xgb.train(params | {"nthread": 1, "verbosity": 0}, d, 100)
    again = params | {"process_type": "update", "updater": "refresh", "refresh_leaf": True}
    m, run = xgb_run(again, d, 100 if mended else 10, [(dv, "valid")], xgb_model=first)
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(again, d, 100 if mended else 10))


@situation("dmlc/xgboost #4129", "constraints", measure="log loss", cause="monoton", misleading=ELSEWHERE + "|overfit")
def everything_is_to_increase(mended: bool) -> Seen:
    """All features are constrained to increase, in one line over the columns: half of them decrease the target."""
    rng = np.random.default_rng(147)
    X = rng.normal(size=(3000, 8))
    y = draw(X[:, 0] + 0.8 * X[:, 1] - X[:, 2] - 0.8 * X[:, 3] - 0.6 * X[:, 4], rng)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}
    params |= {"monotone_constraints": "(1,1,-1,-1,-1,0,0,0)" if mended else "(1,1,1,1,1,1,1,1)"}
    m, run = xgb_run(params, d, 80, [(dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 80, evals=[(dv, "valid")]))


RATE = r"(learning.?rate|\beta\b|step)"
SINKS = r"(fall|fell|decay|halv|shrink|schedul|sank|sink|drop|small|tiny|near 0|too low)"


@situation(
    "lightgbm-org/LightGBM #1841", "schedules", measure="RMSE",
    cause=rf"{RATE}.{{0,140}}{SINKS}|{SINKS}.{{0,100}}{RATE}", misleading=ELSEWHERE,
)  # fmt: skip
def the_rate_is_gone_after_ten_rounds(mended: bool) -> Seen:
    """The learning rate is cut by a third in every round, by a callback: after ten rounds nothing is learned."""
    X, y = waves()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    sink = lgb.reset_parameter(learning_rate=lambda i: 0.3 * (0.99 if mended else 0.67) ** i)
    params = {"num_leaves": 15}
    m, run = lgb_run(params, d, 200, [(d.create_valid(X[v], y[v]), "valid")], callbacks=[sink])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 200))


@situation(
    "lightgbm-org/LightGBM #6123",
    "early stopping: patience",
    measure="log loss",
    cause="min_delta",
    misleading=ELSEWHERE,
)
def an_improvement_must_be_large(mended: bool) -> Seen:
    """early_stopping(min_delta=0.01): the loss falls in every round, by less than that, and training ends."""
    X, y = noisy(3000, 148)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    delta: dict[str, Any] = {} if mended else {"min_delta": 0.01}
    stop = lgb.early_stopping(10, verbose=False, **delta)
    params = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.02}
    m, run = lgb_run(params, d, 500, [(d.create_valid(X[v], y[v]), "valid")], callbacks=[stop])
    return Seen(log_loss(y[t], m.predict(X[t])), run)


@situation(
    "lightgbm-org/LightGBM #1336",
    "where the trees begin",
    measure="log loss",
    cause="boost_from_average",
    misleading=ELSEWHERE,
)
def a_tenth_is_predicted_as_a_half(mended: bool) -> Seen:
    """boost_from_average=false and a small rate: one label in ten is 1, and the mean prediction is 0.45."""
    rng = np.random.default_rng(149)
    X = rng.normal(size=(4000, 5))
    y = draw(X[:, 0] + X[:, 1] * X[:, 2] - 2.8, rng)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.01, "boost_from_average": mended}
    m, run = lgb_run(params, d, 100, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, 100))


@situation(
    "lightgbm-org/LightGBM #1109", "quantiles", measure="pinball loss at 0.99",
    cause=r"(alpha|quantile).{0,200}(leaf|leaves|min_data_in_leaf)|(leaf|leaves|min_data_in_leaf).{0,200}(alpha|quantile)",
    misleading=ELSEWHERE,
)  # fmt: skip
def a_quantile_that_a_leaf_cannot_hold(mended: bool) -> Seen:
    """alpha=0.99 does not seem to work: leaves of 20 rows have no hundredth part, and give their largest label."""
    rng = np.random.default_rng(150)
    X = rng.uniform(-2, 2, size=(6000, 5))
    y = np.sin(2 * X[:, 0]) + (0.6 + 0.3 * X[:, 1]) * rng.standard_t(4, size=6000)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "quantile", "alpha": 0.99, "num_leaves": 31, "min_data_in_leaf": 400 if mended else 20}
    m, run = lgb_run(params, d, 100, [(d.create_valid(X[v], y[v]), "valid")])
    away = y[t] - m.predict(X[t])
    loss = float(np.mean(np.maximum(0.99 * away, -0.01 * away)))
    return Seen(loss, run, ask_params(params, d, 100))


@situation(
    "lightgbm-org/LightGBM #5033", "linear trees", measure="RMSE",
    cause=r"linear_tree|linear (tree|leaf|leaves|model)|extrapolat|(outside|beyond).{0,80}(range|train)",
    misleading="overfit",
)  # fmt: skip
def linear_leaves_beyond_what_was_seen(mended: bool) -> Seen:
    """A feature that ended at 1.95 in training goes on later, and with linear leaves the predictions go wild."""
    rng = np.random.default_rng(151)
    X = rng.uniform(-2, 2, size=(2000, 5))
    X[:, 0] = rng.uniform(1.29, 1.95, 2000)
    late = np.arange(2000) >= 1000
    X[late, 0] = np.where(rng.random(1000) < 0.1, rng.uniform(4, 9, 1000), X[late, 0])
    y = np.minimum(X[:, 0], 1.95) * 5 + np.sin(2 * X[:, 1]) + X[:, 2] * X[:, 3] + 0.3 * rng.normal(size=2000)
    a, v, t = thirds(len(y))
    params = {"num_leaves": 7, "linear_tree": not mended}
    d = lgb.Dataset(X[a], y[a], params=params, free_raw_data=False)
    m, run = lgb_run(params, d, 80, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 80))
