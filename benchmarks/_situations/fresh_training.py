"""Situations that were rebuilt when the rules were done, and before any was asked about them: what is learned."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .labels import RANGE
from .parameters import ELSEWHERE, waves
from .targets import CALIBRATION
from .training import OVERFIT, noisy
from .ways import draw, lgb_run, log_loss, mae, one_minus_auc, rmse, thirds, xgb_run


@situation("stats.stackexchange #204489", "overfitting", measure="MAE", cause=OVERFIT + "|deep", misleading=ELSEWHERE)
def sixteen_levels_and_a_thousand_rounds(mended: bool) -> Seen:
    """The test error is eight times the training error: max_depth=16, eta=0.01 and 1,000 rounds."""
    rng = np.random.default_rng(72)
    X = rng.normal(size=(1600, 12))
    y = X[:, 0] + X[:, 1] * X[:, 2] + 2 * rng.normal(size=1600)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"max_depth": 3 if mended else 16, "eta": 0.02, "eval_metric": "mae"}
    params |= {"colsample_bytree": 0.7, "subsample": 0.8, "min_child_weight": 5}
    m, run = xgb_run(params, d, 200 if mended else 500, [(d, "train"), (dv, "test")])
    return Seen(mae(y[t], m.predict(xgb.DMatrix(X[t]))), run)


@situation("stats.stackexchange #526636", "overfitting", measure="log loss", cause=OVERFIT, misleading=ELSEWHERE)
def five_hundred_letters_one_hot(mended: bool) -> Seen:
    """As soon as the training loss gets better, the validation loss gets worse: one-hot sequences, and no end set."""
    rng = np.random.default_rng(73)
    codes = rng.integers(0, 20, size=(1800, 25))
    X = np.eye(20)[codes].reshape(1800, 500)
    y = draw(0.8 * (codes[:, 3] < 8) - 0.8 * (codes[:, 11] > 12), rng)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.05 if mended else 0.3, "max_depth": 2 if mended else 6}
    m, run = xgb_run(params, d, 40 if mended else 150, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run)


@situation(
    "stats.stackexchange #484445",
    "overconfidence",
    measure="log loss",
    cause=r"confiden|thin|few rows|lambda|reg_|L2|explod|min_data|min_child|overfit|overtrain",
    misleading=ELSEWHERE,
)
def some_are_given_a_probability_of_one(mended: bool) -> Seen:
    """For some rows LightGBM is absolutely certain of one of 21 classes, and the log loss is enormous."""
    rng = np.random.default_rng(74)
    X = rng.normal(size=(2400, 8))
    y = np.clip(np.round(3 * X[:, 0] + 3 * rng.normal(size=2400) + 10), 0, 20).astype(int)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a])
    params = {"objective": "multiclass", "num_class": 21, "learning_rate": 0.1}
    params |= {"lambda_l2": 20, "num_leaves": 7} if mended else {}
    m, run = lgb_run(params, d, 20 if mended else 60, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    p = m.predict(X[t])
    return Seen(float(-np.log(np.clip(p[np.arange(len(p)), y[t]], 1e-12, 1)).mean()), run)


@situation(
    "lightgbm-org/LightGBM #126",
    "underfitting",
    measure="RMSE",
    cause=r"dart|drop|underfit|(more|few) rounds|larger steps|unfinished|still improving|of the error standing|small",
    misleading=ELSEWHERE + "|overfit",
)
def dart_with_a_small_rate(mended: bool) -> Seen:
    """dart has a very poor accuracy beside gbdt: with a rate of 0.02, half of the rounds take away what others gave."""
    X, y = waves()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a])
    params = {"boosting": "gbdt" if mended else "dart", "learning_rate": 0.05 if mended else 0.02, "num_leaves": 15}
    m, run = lgb_run(params, d, 120, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run)


@situation(
    "dmlc/xgboost #2028",
    "contradicting parameters",
    measure="log loss",
    cause=r"rate_drop|drop(s|ped|ping)?\b.{0,40}tree|dart",
    misleading=ELSEWHERE + "|overfit",
)
def dart_that_drops_every_tree(mended: bool) -> Seen:
    """rate_drop=1 is meant to be a random forest, and gives random guesses: every round forgets all trees before it."""
    X, y = noisy()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.1 if mended else 1.0, "eta": 0.2}
    params |= {"max_depth": 3}
    m, run = xgb_run(params, d, 50, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run)


@situation("stats.stackexchange #269469", "validation labels outside the training range", measure="RMSE", cause=RANGE,
           misleading=r"try drop=|overfit|stratify|identifier|try max_depth=|shuffle")  # fmt: skip
def a_line_is_continued_flat(mended: bool) -> Seen:
    """y is 3 + 0.3 x for x from 1 to 100, and the forecast for the next x is a flat line."""
    rng = np.random.default_rng(75)
    x = np.sort(rng.uniform(0, 150, 900))
    y = 3 + 0.3 * x + rng.normal(size=900)
    a, v, t = slice(0, 500), slice(500, 700), slice(700, 900)
    line = np.polynomial.Polynomial.fit(x[a], y[a], 1)(x) if mended else np.zeros(900)
    X = np.c_[x, rng.normal(size=(900, 2))]
    d, dv = xgb.DMatrix(X[a], (y - line)[a]), xgb.DMatrix(X[v], (y - line)[v])
    m, run = xgb_run({"max_depth": 2, "eta": 0.1}, d, 80, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t], line[t] + m.predict(xgb.DMatrix(X[t]))), run)


@situation("dmlc/xgboost #8184", "weighted probabilities", measure="log loss", cause=CALIBRATION,
           misleading=ELSEWHERE + "|overfit")  # fmt: skip
def a_weight_of_a_thousand_on_even_classes(mended: bool) -> Seen:
    """The training loss climbs although training goes well: scale_pos_weight=1000, and the metric has no weights."""
    X, y = noisy()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3, "scale_pos_weight": 1 if mended else 1000}
    m, run = xgb_run(params, d, 50, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run)


@situation(
    "dmlc/xgboost #5423",
    "log link, few rounds",
    measure="mean prediction: relative error",
    cause=r"max_delta_step|\bround|bias|mean|of the error standing",
    misleading=ELSEWHERE + "|overfit",
)
def a_poisson_forest_of_one_round(mended: bool) -> Seen:
    """A forest of one round is right with squared error, and completely off with count:poisson."""
    rng = np.random.default_rng(76)
    X = rng.normal(size=(2000, 2))
    y = rng.poisson(np.exp(1.5 + X[:, 0]))
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "reg:squarederror" if mended else "count:poisson", "eta": 1, "subsample": 0.63}
    params |= {"num_parallel_tree": 100, "max_depth": 6, "lambda": 0, "base_score": 0.5}
    m, run = xgb_run(params, d, 1, [(d, "train"), (dv, "valid")])
    return Seen(abs(float(m.predict(xgb.DMatrix(X[t])).mean() / y[t].mean()) - 1), run)


@situation("stackoverflow #41954072", "few validation rows", measure="AUC told and not true",
           cause=r"(few|only|too|\d+) rows|chance|noise|noisy", misleading=ELSEWHERE)  # fmt: skip
def an_auc_of_zero_on_the_test(mended: bool) -> Seen:
    """train-auc is 1 and test-auc is 0 from round 4 on: the test set holds ten rows."""
    X, y = noisy(1600, 77)
    a, v = slice(0, 300), slice(300, 600) if mended else slice(300, 310)
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eval_metric": "auc", "max_depth": 4}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "test")], early_stopping_rounds=10)
    p = m.predict(xgb.DMatrix(X[600:]), iteration_range=(0, m.best_iteration + 1))
    return Seen(abs(m.best_score - 1 + one_minus_auc(y[600:], p)), run)
