"""The fourth fresh batch, data and workflow: what someone worried about in public, and nothing is wrong."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.preprocessing import MinMaxScaler

from .core import Seen, healthy
from .ways import ask_params, ask_table, draw, lgb_run, log_loss, one_minus_auc, rmse, thirds, xgb_run


@healthy("Niketkumardheeryan/ML-CaPsule #1574", "1 - AUC")
def scaled_before_the_split() -> Seen:
    """MinMaxScaler is fitted on all rows, before the split. That is no habit to keep, and trees do not notice it."""
    rng = np.random.default_rng(231)
    n = 4000
    X = np.c_[rng.normal(50, 9, n), rng.gamma(2, 800, n), rng.normal(size=(n, 3)), rng.poisson(5, n)]
    y = draw((X[:, 0] - 50) / 9 + (X[:, 1] - 1600) / 1000 + X[:, 2] * X[:, 3], rng)
    X = MinMaxScaler().fit_transform(X)
    a, v, t = thirds(n)
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.05, "max_depth": 4}
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run, table=ask_table(X[a], y[a], valid=(X[v], y[v])))


@healthy("niznik-dev/cruijff_kit #428", "log loss")
def an_encoder_that_has_seen_the_test_rows() -> Seen:
    """LabelEncoder was fitted on training and test rows together: the codes agree, and that is what counts."""
    rng = np.random.default_rng(232)
    n = 5000
    job, state = rng.integers(0, 14, n), rng.integers(0, 25, n)
    frame = pd.DataFrame({"job": job, "state": state, "age": rng.integers(17, 90, n), "hours": rng.integers(5, 80, n)})
    odds = 1.2 * rng.normal(size=14)[job] + 0.5 * rng.normal(size=25)[state] + (frame.hours - 40) / 20
    y = draw(odds - 0.4, rng)
    a, v, t = thirds(n)
    d, dv = xgb.DMatrix(frame.iloc[a], y[a]), xgb.DMatrix(frame.iloc[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.05, "max_depth": 4}
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(frame.iloc[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(log_loss(y[t], p), run, table=ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v], y[v])))


@healthy("datascience.stackexchange #123072", "1 - AUC")
def a_feature_that_is_nearly_always_zero() -> Seen:
    """A feature that is 0 in 1,425 of 1,431 rows has the second highest importance: the mean gain of a rare split."""
    rng = np.random.default_rng(233)
    n = 2860
    X = rng.normal(size=(n, 6))
    seldom = np.where(rng.random(n) < 0.004, rng.gamma(3, 20, n), 0.0)
    frame = pd.DataFrame(X, columns=[f"call{i}" for i in range(6)]).assign(seldom=seldom)
    y = draw(1.3 * X[:, 0] + 0.9 * X[:, 1] + X[:, 2] * X[:, 3] + 2.0 * (seldom > 0) - 0.8, rng)
    a, v, t = thirds(n)
    d, dv = xgb.DMatrix(frame.iloc[a], y[a]), xgb.DMatrix(frame.iloc[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.05, "max_depth": 3}
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(frame.iloc[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run, table=ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v], y[v])))


@healthy("stats.stackexchange #392436", "RMSE")
def small_values_over_and_large_ones_under() -> Seen:
    """Small prices are overestimated and large ones underestimated: that is what noise does to any good prediction."""
    rng = np.random.default_rng(234)
    n = 4000
    X = rng.normal(size=(n, 6))
    y = 15 + 3 * X[:, 0] + 2 * X[:, 1] * X[:, 2] + np.sin(2 * X[:, 3]) + 4 * rng.normal(size=n)
    a, v, t = thirds(n)
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"num_leaves": 7, "learning_rate": 0.05}
    stop = lgb.early_stopping(30, verbose=False)
    m, run = lgb_run(params, d, 600, [(d.create_valid(X[v], y[v]), "valid")], callbacks=[stop])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 600), ask_table(X[a], y[a], valid=(X[v], y[v])))


@healthy("stats.stackexchange #379189", "RMSE")
def noise_is_split_now_and_then() -> Seen:
    """Features that say nothing are split 40 times and those that matter 170 times: by gain they are nothing."""
    rng = np.random.default_rng(235)
    n = 4000
    X = rng.normal(size=(n, 10))
    y = 60 * X[:, 2] + 30 * X[:, 6] + 50 * X[:, 9] + 60 * rng.normal(size=n)
    a, v, t = thirds(n)
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run({"eta": 0.05, "max_depth": 3}, d, 600, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(rmse(y[t], p), run, table=ask_table(X[a], y[a], valid=(X[v], y[v])))
