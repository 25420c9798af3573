"""Labels that the objective does not fit: their numbering, their range, their sign, their level."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

from .core import Seen, situation
from .ways import ask_params, ask_table, lgb_run, refused, rmse, thirds, xgb_run

TREES = r"try max_depth=|try num_leaves=|try min_child_weight=|try drop="


def _four_classes(n: int = 1600) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(n, 5))
    return X, (X[:, 0] + 0.5 * rng.normal(size=n) > 0) + 2 * (X[:, 1] + 0.5 * rng.normal(size=n) > 0)


NUMBERING = (
    r"start(s|ing)? at 1|from 1\b|class 0|no rows? (of|in) class|num_class|empty class|numbered|"
    r"0 to|class(es)? .{0,30}(no|without) (row|label)"
)


@situation(
    "dmlc/xgboost #216",
    "labels start at 1",
    measure="share of classes that cannot occur",
    cause=NUMBERING,
    misleading=TREES + "|scale_pos_weight|overfit",
)
def labels_from_one_with_a_class_too_many(mended: bool) -> Seen:
    """The labels run from 1 to 4; num_class=4 is refused, num_class=5 trains, and softprob has a fifth column."""
    X, y = _four_classes()
    y = y + (not mended)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "multi:softprob", "num_class": 4 + (not mended), "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    wasted = 1 - len(np.unique(y)) / m.predict(xgb.DMatrix(X[t])).shape[1]
    return Seen(wasted, run, ask_params(params, d, 60), ask_table(X[a], y[a]))


@situation(
    "dmlc/xgboost #1343",
    "labels start at 1",
    measure="training is refused",
    asked="params",
    cause=NUMBERING + r"|label.{0,40}0",
    misleading=TREES,
)
def labels_from_one_are_refused(mended: bool) -> Seen:
    """Classes numbered from 1 are refused: 'label must be in [0, num_class)'. It is seen before training."""
    X, y = _four_classes()
    d = xgb.DMatrix(X, y + (not mended))
    params = {"objective": "multi:softprob", "num_class": 4, "eta": 0.1, "max_depth": 3}
    return Seen(refused(lambda: xgb_run(params, d, 10)), params=ask_params(params, d, 60))


@situation(
    "dmlc/xgboost #3662",
    "labels start at 1",
    measure="training is refused",
    asked="params",
    cause=r"labels?.{0,60}(from|start|outside|1 (to|and) 2)",
    misleading=TREES,
)
def a_factor_became_one_and_two(mended: bool) -> Seen:
    """binary:logistic with a factor turned into 1 and 2: 'label must be in [0,1]', which is seen before training."""
    X, y = _four_classes()
    y = (y > 1).astype(int)
    d = xgb.DMatrix(X, y + (not mended))
    params = {"objective": "binary:logistic", "max_depth": 3, "eta": 0.1}
    return Seen(refused(lambda: xgb_run(params, d, 10)), params=ask_params(params, d, 60))


@situation(
    "lightgbm-org/LightGBM #198",
    "wrong objective",
    measure="share outside 0..1",
    cause=r"mismatched-objective|(binary|0 and 1|two classes).{0,80}objective|objective.{0,80}(binary|class|number)",
    misleading=TREES,
)
def regression_on_two_classes(mended: bool) -> Seen:
    """Predictions of a yes-no question are negative and above one: objective was left at its default, regression."""
    X, y = _four_classes()
    y = (y > 1).astype(int)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "binary"} if mended else {}
    params |= {"num_leaves": 7, "learning_rate": 0.05}
    m, run = lgb_run(params, d, 100, [(d.create_valid(X[v], y[v]), "valid")])
    p = m.predict(X[t])
    return Seen(float(np.mean((p < 0) | (p > 1))), run, ask_params(params, d, 100))


@situation(
    "dmlc/xgboost #3939",
    "wrong objective",
    measure="RMSE",
    cause=r"objective.{0,120}(amount|number|regress|reg:)|(amount|number|regress|order).{0,120}(objective|class)",
    misleading=TREES,
)
def classes_of_a_number(mended: bool) -> Seen:
    """A classifier is set on an amount: 40 whole numbers become 40 classes, most with a handful of rows."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(1200, 5))
    y = np.clip(np.round(20 + 6 * X[:, 0] + 4 * X[:, 1] + 2 * rng.normal(size=1200)), 0, 39).astype(int)
    a, v, t = slice(0, 700), slice(700, 900), slice(900, 1200)
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    goal = {"objective": "reg:squarederror"} if mended else {"objective": "multi:softmax", "num_class": 40}
    m, run = xgb_run(goal | {"max_depth": 3, "eta": 0.15}, d, 40, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(goal, d, 40), ask_table(X[a], y[a]))


SIGN = r"negative|below (0|zero)|outside .{0,30}(range|label)|sign of the labels|poisson|reg:gamma|'gamma'|tweedie"


def _costs(n: int = 2400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(6)
    X = rng.normal(size=(n, 5))
    return X, rng.gamma(0.7, np.exp(0.5 + 1.2 * X[:, 0] + 0.8 * X[:, 1]) / 0.7)


@situation(
    "dmlc/xgboost #1581",
    "predictions outside the labels' sign",
    measure="share below 0",
    cause=SIGN,
    misleading="try drop=|overfit",
)
def negative_predictions_xgboost(mended: bool) -> Seen:
    """No label is below zero, thousands of predictions are: squared error knows no sign."""
    X, y = _costs()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "reg:gamma" if mended else "reg:squarederror", "max_depth": 3, "eta": 0.1}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")], early_stopping_rounds=15)
    return Seen(float(np.mean(m.predict(xgb.DMatrix(X[t])) < 0)), run)


@situation(
    "lightgbm-org/LightGBM #5629",
    "predictions outside the labels' sign",
    measure="share below 0",
    cause=SIGN,
    misleading="try drop=|overfit",
)
def negative_predictions_lightgbm(mended: bool) -> Seen:
    """LightGBM predicts negative values of a quantity that is never negative."""
    X, y = _costs()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a])
    params = {"objective": "tweedie" if mended else "regression", "num_leaves": 7, "learning_rate": 0.05}
    m, run = lgb_run(
        params, d, 100, [(d.create_valid(X[v], y[v]), "valid")], callbacks=[lgb.early_stopping(20, verbose=False)]
    )
    return Seen(float(np.mean(m.predict(X[t]) < 0)), run)


@situation(
    "lightgbm-org/LightGBM #3734",
    "biased predictions",
    measure="mean prediction: relative error",
    cause=r"bias|mean prediction|predictions?.{0,80}(below|too low|mean of)|median|ceiling|objective='?mape",
    misleading="try drop=|overfit",
)
def mape_predicts_too_little(mended: bool) -> Seen:
    """Sales by the mape objective: large sales are all predicted at one low ceiling, and the sum is far too low."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(3000, 5))
    y = 1 + rng.lognormal(2 + 0.5 * X[:, 0], 1.3)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a])
    params = {"objective": "gamma" if mended else "mape", "num_leaves": 7, "learning_rate": 0.05}
    m, run = lgb_run(params, d, 120, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(abs(float(m.predict(X[t]).mean() / y[t].mean()) - 1), run)


@situation(
    "lightgbm-org/LightGBM #3608",
    "loss scale against label scale",
    measure="relative error",
    cause=r"(less|below|smaller|under) .{0,20}1\b|objective='?mape|near 0|small labels|convert",
    misleading="try drop=|overfit",
)
def mape_of_labels_below_one(mended: bool) -> Seen:
    """'Met abs(label) < 1, will convert them to 1 in MAPE': the objective is no relative error any more."""
    rng = np.random.default_rng(8)
    X = rng.normal(size=(3000, 5))
    y = rng.lognormal(1.2 * X[:, 0] - 4, 0.9)
    a, v, t = thirds(len(y))
    scale = 1e4 if mended else 1.0
    d = lgb.Dataset(X[a], y[a] * scale, free_raw_data=False)
    params = {"objective": "mape", "num_leaves": 7, "min_sum_hessian_in_leaf": 0}
    m, run = lgb_run(params, d, 60, [(d.create_valid(X[v], y[v] * scale), "valid")])
    loss = float(np.mean(np.abs(m.predict(X[t]) / scale / y[t] - 1)))
    return Seen(loss, run, ask_params(params, d, 60))


RANGE = (
    r"extrapolat|out(side)? (of )?(the )?(training )?range|outside|beyond|(above|larger than|"
    r"over) (the |every |any |all )?(largest|max|highest|training)|\btrend\b|\blag"
)


@situation(
    "unit8co/darts #1760",
    "validation labels outside the training range",
    measure="RMSE",
    cause=RANGE,
    misleading=r"try drop=|overfit|stratify|identifier|try num_iterations=|try max_depth=|try num_leaves=|shuffle",
)
def a_trend_goes_on(mended: bool) -> Seen:
    """LightGBM forecasts a growing series: the test lies above all training labels, and trees predict none of it."""
    rng = np.random.default_rng(9)
    n = 1400
    day = np.arange(n)
    X = np.c_[day, np.sin(day / 30), (day // 30) % 12]
    y = 0.02 * day + 3 * np.sin(day / 30) + 0.5 * rng.normal(size=n)
    a, v, t = slice(0, 900), slice(900, 1150), slice(1150, n)
    trend = np.polynomial.Polynomial.fit(day[a], y[a], 1)(day) if mended else np.zeros(n)
    d = lgb.Dataset(X[a], (y - trend)[a])
    dv = d.create_valid(X[v], (y - trend)[v])
    m, run = lgb_run({"num_leaves": 15, "learning_rate": 0.05}, d, 150, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t], trend[t] + m.predict(X[t])), run)


@situation(
    "skforecast/skforecast #488",
    "validation labels outside the training range",
    measure="RMSE",
    asked="table",
    cause=RANGE,
    misleading=r"try drop=|stratify|shuffle",
)
def a_trend_seen_in_the_table(mended: bool) -> Seen:
    """The forecast of a growing series is a horizontal line, which the tables show before training."""
    rng = np.random.default_rng(10)
    n = 1200
    day = np.arange(n)
    frame = pd.DataFrame({"day": day, "week": np.sin(day / 7), "month": (day // 30) % 12})
    y = 0.05 * day + 2 * np.sin(day / 7) + rng.normal(size=n)
    a, v, t = slice(0, 800), slice(800, 1000), slice(1000, n)
    trend = np.polynomial.Polynomial.fit(day[a], y[a], 1)(day) if mended else np.zeros(n)
    given = frame.assign(y=y - trend)
    asked = ask_table(given.iloc[a], target="y", valid=given.iloc[v], time="day")
    m, _ = xgb_run({"max_depth": 4, "eta": 0.1}, xgb.DMatrix(frame.iloc[a], given.y[a]), 100)
    return Seen(rmse(y[t], trend[t] + m.predict(xgb.DMatrix(frame.iloc[t]))), table=asked)
