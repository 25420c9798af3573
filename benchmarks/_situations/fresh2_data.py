"""The second fresh batch, rebuilt from threads nobody had read when the rules were done: rows, labels, weights."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

from .core import Seen, situation
from .data import COPIES, LEAK, TREES
from .parameters import ELSEWHERE, waves
from .training import noisy
from .ways import ask_params, ask_table, draw, lgb_run, log_loss, multi_error, one_minus_auc, rmse, thirds, xgb_run


@situation(
    "microsoft/SynapseML #703", "copies in both sets", measure="log loss told and not true", asked="table",
    cause=COPIES, misleading=TREES,
)  # fmt: skip
def the_validation_rows_are_trained_on(mended: bool) -> Seen:
    """The NDCG of the log is near 1 and in truth 0.6: the validation rows are taken out and left in."""
    X, y = noisy(2000, 111)
    train = np.arange(1400) if mended else np.arange(1700)
    valid, test = np.arange(1400, 1700), np.arange(1700, 2000)
    asked = ask_table(X[train], y[train], valid=(X[valid], y[valid]))
    d, dv = xgb.DMatrix(X[train], y[train]), xgb.DMatrix(X[valid], y[valid])
    m, run = xgb_run({"objective": "binary:logistic", "max_depth": 8}, d, 60, [(dv, "valid")])
    told, true = (log_loss(y[i], m.predict(xgb.DMatrix(X[i]))) for i in (valid, test))
    return Seen(true - told, run, table=asked)


SCALES = (
    r"labels?.{0,100}(scale|above|outside|beyond|larger|range|transform|spread otherwise|unit|distribut|differ|drift)|"
    r"(scale|distribut|drift|spread).{0,60}labels?"
)


@situation(
    "scikit-learn/scikit-learn #27808", "labels that differ between sets", measure="RMSE of the logarithm",
    cause=SCALES, misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def only_the_training_labels_are_logarithms(mended: bool) -> Seen:
    """TransformedTargetRegressor takes the logarithm of y and not of eval_set's: early stopping goes astray."""
    X, z = waves(noise=1.0)
    y = np.exp(z + 3)
    a, v, t = thirds(len(y))
    d = xgb.DMatrix(X[a], np.log1p(y[a]))
    dv = xgb.DMatrix(X[v], np.log1p(y[v]) if mended else y[v])
    m, run = xgb_run({"eta": 0.2, "max_depth": 5}, d, 300, [(dv, "validation_0")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(rmse(np.log1p(y[t]), p), run, table=ask_table(X[a], np.log1p(y[a]), valid=(X[v], y[v])))


@situation(
    "stats.stackexchange #515109", "labels that differ between sets", measure="RMSE", asked="table", cause=SCALES,
    misleading=TREES,
)  # fmt: skip
def before_and_after_the_lockdown(mended: bool) -> Seen:
    """Applications ran from 40 to 1,500 in training and from 400 to 600 in the test: business had changed."""
    rng = np.random.default_rng(112)
    n = 3600
    X = rng.normal(size=(n, 5))
    late = np.arange(n) >= 2000
    wide = np.clip(750 + 280 * X[:, 0] + 90 * rng.normal(size=n), 40, 1500)
    y = np.where(late, 500 + 30 * X[:, 0] + 15 * rng.normal(size=n), wide)
    a, v, t = slice(2000, 2800) if mended else slice(0, 2000), slice(2800, 3200), slice(3200, n)
    asked = ask_table(X[a], y[a], valid=(X[v], y[v]))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run({"eta": 0.1, "max_depth": 3}, d, 60, [(dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, table=asked)


@situation(
    "IBM/AutoXAI4Omics #58", "labels out of step with rows", measure="log loss",
    cause=r"(labels?|rows?).{0,100}(align|order|permut|shuffl|belong|out of step|index)|labels and rows|"
    r"(no better|not better|worse) than (a )?constant|never (beats|better)",
    misleading=ELSEWHERE,
)  # fmt: skip
def the_labels_lost_their_rows(mended: bool) -> Seen:
    """After the split the labels of one part are no longer in the order of its rows: validation only gets worse."""
    X, y = noisy(2400, 113)
    a, v, t = thirds(len(y))
    z = y[v] if mended else np.random.default_rng(113).permutation(y[v])
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], z)
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 200, [(d, "train"), (dv, "valid")], early_stopping_rounds=10)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(log_loss(y[t], p), run, table=ask_table(X[a], y[a], valid=(X[v], z)))


NO_CLASS = (
    r"class(es)?.{0,100}(absent|unseen|never|not (occur|in)|missing|lacks|only in|training has)|"
    r"(absent|unseen|never|lacks|missing|no row).{0,100}class"
)


@situation(
    "dmlc/xgboost #4968", "classes that training lacks", measure="error rate", cause=NO_CLASS,
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def classes_that_come_later(mended: bool) -> Seen:
    """Predictions should have more classes than the training rows: a classifier knows only those it has seen."""
    rng = np.random.default_rng(114)
    X = rng.normal(size=(3000, 6))
    y = np.clip(np.round(2 * X[:, 0] + X[:, 1] + 0.3 * rng.normal(size=3000) + 5.5), 0, 11).astype(int)
    if not mended:
        X, y = X[np.argsort(y, kind="stable")], np.sort(y)
        first, rest = np.flatnonzero(y < 8), np.flatnonzero(y >= 8)
        first = rng.permutation(first)
        order = np.r_[first[:1500], rng.permutation(np.r_[first[1500:], rest])]
        X, y = X[order], y[order]
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "multi:softprob", "num_class": 12, "eta": 0.2, "max_depth": 3}
    m, run = xgb_run(params, d, 30, [(d, "train"), (dv, "valid")])
    asked = ask_table(X[a], y[a], valid=(X[v], y[v]))
    return Seen(multi_error(y[t], m.predict(xgb.DMatrix(X[t]))), run, table=asked)


@situation(
    "dmlc/xgboost #4097", "scale of features", measure="RMSE", asked="table",
    cause=r"float32|single precision|precision|digits|\brounded\b", misleading=TREES,
)  # fmt: skip
def milliseconds_in_single_precision(mended: bool) -> Seen:
    """XGBoost keeps features as float32: of times in milliseconds since 1970 it sees every second minute at most."""
    rng = np.random.default_rng(115)
    n = 3000
    seconds = rng.uniform(0, 3600, n)
    y = np.sin(seconds / 40) + 0.1 * rng.normal(size=n)
    when = seconds if mended else 1.53e12 + np.round(seconds * 1000)
    frame = pd.DataFrame({"when": when, "load": rng.normal(size=n)})
    a, v, t = thirds(n)
    asked = ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v], y[v]))
    d, dv = xgb.DMatrix(frame.iloc[a], y[a]), xgb.DMatrix(frame.iloc[v], y[v])
    m, run = xgb_run({"eta": 0.2, "max_depth": 6}, d, 80, [(dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(frame.iloc[t]))), run, table=asked)


@situation(
    "lightgbm-org/LightGBM #3453", "categories", measure="log loss",
    cause=r"(negative|below (0|zero)).{0,80}(code|categor)|(code|categor).{0,100}(negative|below (0|zero))|"
    r"(taken|treated|read|count\w*) as missing",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def categories_with_negative_codes(mended: bool) -> Seen:
    """Codes from -6 to 5 are given as categories: LightGBM makes one of all that are negative, the missing one."""
    rng = np.random.default_rng(116)
    n = 4000
    code = rng.integers(-6, 6, n)
    effect = np.where(np.arange(12) % 2, 1.5, -1.5)
    X = np.c_[code + (6 if mended else 0), rng.normal(size=(n, 3))]
    y = draw(effect[code + 6] + 0.3 * X[:, 1], rng)
    a, v, t = thirds(n)
    d = lgb.Dataset(X[a], y[a], categorical_feature=[0], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    m, run = lgb_run({"objective": "binary", "num_leaves": 7}, d, 60, [(dv, "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, table=ask_table(X[a], y[a], valid=(X[v], y[v])))


@situation(
    "samirsaci/ml-forecast-features-eng #2", "leak", measure="RMSE 28 days ahead", asked="table",
    cause=LEAK + r"|\blag|future|later|horizon", misleading=TREES,
)  # fmt: skip
def yesterday_is_not_known_in_a_month(mended: bool) -> Seen:
    """Lags are made before the split: in the test every row knows yesterday's sales, and the forecast cannot."""
    rng = np.random.default_rng(117)
    n = 1600
    walk = np.zeros(n)
    for i in range(1, n):
        walk[i] = 0.98 * walk[i - 1] + rng.normal()
    y = 50 + 3 * walk + 5 * np.sin(2 * np.pi * np.arange(n) / 7)
    day = pd.date_range("2020-01-01", periods=n, freq="D")
    frame = pd.DataFrame({"day": day, "weekday": day.dayofweek, "lag28": np.roll(y, 28)})
    known = frame if mended else frame.assign(lag1=np.roll(y, 1))
    a, v, t = slice(40, 1000), slice(1000, 1300), slice(1300, n)
    asked = ask_table(known.iloc[a], y[a], valid=(known.iloc[v], y[v]), time="day")
    real = known.iloc[t].drop(columns="day")
    real = real if mended else real.assign(lag1=real.lag28)  # the last day that is known when the forecast is made
    tables = [known.iloc[i].drop(columns="day") for i in (a, v)]
    d, dv = xgb.DMatrix(tables[0], y[a]), xgb.DMatrix(tables[1], y[v])
    m, run = xgb_run({"eta": 0.05, "max_depth": 3}, d, 80, [(dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(real))), run, table=asked)


BELOW = r"(negative|below (0|zero)|less than (0|zero))"


@situation(
    "lightgbm-org/LightGBM #5023", "sample weights", measure="RMSE",
    cause=rf"{BELOW}.{{0,60}}weight|weights?.{{0,100}}{BELOW}", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def weights_below_zero(mended: bool) -> Seen:
    """LightGBM takes negative sample weights without a word: hessians are negative, and leaves run away."""
    X, y = waves()
    a, v, t = thirds(len(y))
    w = np.where(np.random.default_rng(118).random(len(y)) < 0.25, -1.0, 1.0)
    w = np.abs(w) if mended else w
    d = lgb.Dataset(X[a], y[a], weight=w[a], free_raw_data=False)
    params = {"num_leaves": 15, "min_data_in_leaf": 5}
    m, run = lgb_run(params, d, 60, [(d.create_valid(X[v], y[v]), "valid")])
    asked = ask_params(params, d, 60)
    return Seen(rmse(y[t], m.predict(X[t])), run, asked, ask_table(X[a], y[a], valid=(X[v], y[v]), weight=w[a]))


@situation(
    "dmlc/xgboost #3787", "sample weights", measure="RMSE",
    cause=r"weights?.{0,80}(\b0\b|zero)|zero.{0,40}weight", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def rows_switched_off_by_a_weight_of_zero(mended: bool) -> Seen:
    """Rows of weight 0 are not the same as no rows: they take most of the bins, and here hold 29 in 30 rows."""
    rng = np.random.default_rng(119)
    n = 12000
    off = np.arange(n) % 30 != 0
    X = rng.uniform(size=(n, 3)) * np.where(off, 1000.0, 1.0)[:, None]
    y = np.where(off, 0.0, np.sin(12 * X[:, 0]) + np.sin(9 * X[:, 1])) + 0.1 * rng.normal(size=n)
    rows = np.flatnonzero(~off) if mended else np.arange(n)
    d = lgb.Dataset(X[rows], y[rows], weight=np.where(off[rows], 0.0, 1.0), free_raw_data=False)
    new = rng.uniform(size=(2000, 3))
    z = np.sin(12 * new[:, 0]) + np.sin(9 * new[:, 1])
    params = {"num_leaves": 15, "min_data_in_leaf": 5}
    m, run = lgb_run(params, d, 80, [(d.create_valid(new[:1000], z[:1000]), "valid")])
    return Seen(rmse(z[1000:], m.predict(new[1000:])), run, ask_params(params, d, 80))


@situation(
    "lightgbm-org/LightGBM #2359", "sample weights", measure="1 - AUC",
    cause=r"weights?.{0,80}(\bnan\b|missing|not finite|not a number)|(\bnan\b|missing|not finite).{0,60}weight",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def a_weight_that_is_not_a_number(mended: bool) -> Seen:
    """The AUC stands still when sample weights are given: some of them are nan."""
    X, y = noisy(1600, 120)
    a, v, t = thirds(len(y))
    w = np.random.default_rng(120).uniform(0.5, 1.5, 800)
    w[::20] = 1.0 if mended else np.nan
    d = lgb.Dataset(X[a], y[a], weight=w, free_raw_data=False)
    params = {"objective": "binary", "metric": "auc", "num_leaves": 7}
    m, run = lgb_run(params, d, 40, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run, ask_params(params, d, 40))
