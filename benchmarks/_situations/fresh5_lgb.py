"""The fifth fresh batch, of LightGBM, from threads that were read when the kinds missed by the fourth were mended."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np

import treedebug

from .core import Seen, situation
from .parameters import ELSEWHERE, waves
from .training import noisy
from .ways import DEFAULTS, ask_params, draw, lgb_run, log_loss, mae, one_minus_auc, refused, rmse, thirds, told

Array = np.ndarray
FAR = (
    r"(start|begin|init_score|boost_from_average|mean of the labels|far from).{0,200}(label|mean|0|score)|"
    r"labels?.{0,160}(far|away|start)"
)


@situation(
    "lightgbm-org/LightGBM #3507", "small data", measure="1 - R²",
    cause=r"overfit|overtrain|few(er)? rows|small|num_leaves|min_data_in_leaf|min_child_samples|thin",
    misleading=ELSEWHERE,
)  # fmt: skip
def two_years_of_daily_sales(mended: bool) -> Seen:
    """R² is negative whatever is changed: 584 days to learn from, next to all of it noise, and default parameters."""
    rng = np.random.default_rng(301)
    n = 1460
    X = np.c_[np.arange(n) % 7, np.arange(n) % 365 // 30, rng.normal(size=(n, 8))]
    y = 200 + 6 * (X[:, 0] > 4) + 4 * np.sin(X[:, 1] / 2) + 40 * rng.normal(size=n)
    a, v, t = slice(0, 584), slice(584, 730), slice(730, n)
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    small: dict[str, Any] = {"num_leaves": 3, "n_estimators": 20, "learning_rate": 0.05} if mended else {}
    model = lgb.LGBMRegressor(n_jobs=1, verbosity=-1, **small)
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], callbacks=[callback])
    return Seen(float(np.mean((model.predict(X[t]) - y[t]) ** 2) / y[t].var()), told(callback.run.findings))


@situation(
    "lightgbm-org/LightGBM #3440", "rounds", measure="RMSE", asked="params",
    cause=r"(n_estimators|num_iterations).{0,160}(num_iterations|n_estimators)", misleading=ELSEWHERE,
)  # fmt: skip
def rounds_by_two_names(mended: bool) -> Seen:
    """n_estimators=1000 and num_iterations=30 stand in one set of parameters: which of them holds?"""
    X, y = waves()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"learning_rate": 0.05, "num_leaves": 15, "n_estimators": 400} | ({} if mended else {"num_iterations": 30})
    m, run = lgb_run(params, d, 100, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 100))


@situation(
    "lightgbm-org/LightGBM #2128", "own objective: starts at 0", measure="MAE",
    cause=FAR + r"|(gradient|objective|hessian).{0,160}(sign|small|step|scale|move)", misleading=ELSEWHERE,
)  # fmt: skip
def an_own_absolute_error_of_signs(mended: bool) -> Seen:
    """An own MAE with the sign as its gradient and 1 as its hessian does not work: a round moves by 0.05 at most."""
    X, z = waves()
    y = 30 + 8 * z
    a, v, t = thirds(len(y))

    def signs(p: Array, data: lgb.Dataset) -> tuple[Array, Array]:
        return np.sign(p - data.get_label()), np.ones(len(p))

    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "regression_l1" if mended else signs, "metric": "l1", "learning_rate": 0.05}
    m, run = lgb_run(params | {"num_leaves": 15}, d, 150, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(mae(y[t], m.predict(X[t])), run)


@situation("lightgbm-org/LightGBM #5350", "own objective: starts at 0", measure="RMSE", cause=FAR, misleading=ELSEWHERE)
def an_own_squared_error_is_slower(mended: bool) -> Seen:
    """An own L2 objective converges much more slowly than the built-in one on house prices: it starts at 0."""
    X, z = waves()
    y = 20.7 + 1.15 * z
    a, v, t = thirds(len(y))

    def squared(p: Array, data: lgb.Dataset) -> tuple[Array, Array]:
        return p - data.get_label(), np.ones(len(p))

    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "regression" if mended else squared, "metric": "l2", "num_leaves": 15}
    m, run = lgb_run(params, d, 30, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run)


@situation(
    "lightgbm-org/LightGBM #2239", "own objective: hessian", measure="log loss",
    cause="hessian|second derivative", misleading=ELSEWHERE,
)  # fmt: skip
def a_hessian_below_zero(mended: bool) -> Seen:
    """The hessian of an own objective is negative, though it is a product of positive numbers: nothing is learned."""
    X, y = noisy(2400, 305)
    a, v, t = thirds(len(y))

    def logistic(scores: Array, data: lgb.Dataset) -> tuple[Array, Array]:
        p = 1 / (1 + np.exp(-scores))
        return p - data.get_label(), p * (1 - p) if mended else p * (p - 1)

    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": logistic, "metric": "auc", "num_leaves": 7, "learning_rate": 0.05}
    m, run = lgb_run(params, d, 80, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], 1 / (1 + np.exp(-np.asarray(m.predict(X[t]))))), run)


@situation(
    "lightgbm-org/LightGBM #1431", "random forest", measure="RMSE",
    cause=r"(forest|boosting=?['\" ]*rf|\brf\b).{0,240}(poisson|log|link|objective|mean)|"
    r"(poisson|link).{0,200}(forest|\brf\b)",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def a_forest_of_counts(mended: bool) -> Seen:
    """A random forest with the poisson objective overestimates grossly; gbdt, and a forest of l2, are fine."""
    rng = np.random.default_rng(306)
    X = rng.normal(size=(6000, 8))
    y = rng.poisson(np.exp(1.1 * X[:, 0] + 0.6 * X[:, 1]))
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params: dict[str, Any] = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.63, "feature_fraction": 0.7}
    params |= {"objective": "regression" if mended else "poisson", "num_leaves": 63, "min_data_in_leaf": 10}
    m, run = lgb_run(params, d, 100, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 100))


@situation(
    "lightgbm-org/LightGBM #900", "amounts below zero", measure="share of predictions below 0",
    cause=r"(below|under|less than) (0|zero)|negative", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def negative_amounts_of_an_absolute_error(mended: bool) -> Seen:
    """No training label is negative, and many predictions are: 200 trees of 255 leaves for regression_l1."""
    rng = np.random.default_rng(307)
    X = rng.normal(size=(8000, 8))
    y = np.maximum(np.exp(0.8 * X[:, 0] + 0.5 * X[:, 1] * X[:, 2] + 0.8 * rng.normal(size=8000)) - 0.6, 0)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params: dict[str, Any] = {"objective": "tweedie" if mended else "regression_l1", "num_leaves": 255}
    params |= {"min_data_in_leaf": 20, "max_depth": 10}
    m, run = lgb_run(params, d, 100, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(float(np.mean(np.asarray(m.predict(X[t])) < 0)), run, ask_params(params, d, 100))


@situation(
    "mavillan/tsforest #1", "rows of a leaf", measure="RMSE",
    cause=r"min_data_in_leaf|min_child_samples|rows? (of|in|a) (a |each )?leaf", misleading=ELSEWHERE,
)  # fmt: skip
def a_forecast_that_is_flat(mended: bool) -> Seen:
    """The forecast of one daily series is flat: num_leaves and min_data_in_leaf are both 1,023, for 1,200 days."""
    rng = np.random.default_rng(308)
    n = 2000
    day = np.arange(n)
    X = np.c_[day % 7, day % 365, np.sin(day / 58), rng.normal(size=n)]
    y = 50 + 8 * (X[:, 0] > 4) + 10 * X[:, 2] + 2 * rng.normal(size=n)
    a, v, t = slice(0, 1200), slice(1200, 1600), slice(1600, n)
    params: dict[str, Any] = {"num_leaves": 1023, "min_data_in_leaf": 1023, "learning_rate": 0.05, "metric": "rmse"}
    params |= {"feature_fraction": 0.8, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 0.1}
    params |= {"num_leaves": 31, "min_data_in_leaf": 20} if mended else {}
    d = lgb.Dataset(X[a], y[a], params=params, free_raw_data=False)
    m, run = lgb_run(params, d, 150, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 150))


@situation(
    "lightgbm-org/LightGBM #3986", "objective of another task", measure="training is refused", asked="params",
    cause=r"cross_entropy.{0,200}(0 (to|and) 1|between|probabilit|multiclass|class)", misleading=ELSEWHERE,
)  # fmt: skip
def four_classes_and_cross_entropy(mended: bool) -> Seen:
    """Four classes, numbered from 1, and objective=cross_entropy: '[cross_entropy]: does not tolerate element 4'."""
    rng = np.random.default_rng(309)
    X = rng.normal(size=(800, 4))
    y = rng.integers(1, 5, 800)
    d = lgb.Dataset(X, y - 1 if mended else y, free_raw_data=False)
    params = {"objective": "multiclass", "num_class": 4} if mended else {"objective": "cross_entropy"}
    failed = refused(lambda: lgb.train({"verbosity": -1, "num_threads": 1, **params}, d, 30))
    return Seen(failed, params=ask_params(params, d, 30))


@situation(
    "alteryx/evalml #1267", "refused values", measure="training is refused", asked="params",
    cause=r"num_leaves.{0,120}(1|2|refuse|at least)", misleading=ELSEWHERE,
)  # fmt: skip
def one_leaf(mended: bool) -> Seen:
    """A search begins at num_leaves=1: 'Check failed: (num_leaves) > (1)'."""
    X, y = waves(800)
    d = lgb.Dataset(X, y, free_raw_data=False)
    params = {"num_leaves": 2 if mended else 1}
    failed = refused(lambda: lgb.train({"verbosity": -1, "num_threads": 1, **params}, d, 30))
    return Seen(failed, params=ask_params(params, d, 30))


@situation(
    "lightgbm-org/LightGBM #3562", "one class", measure="1 - AUC",
    cause=r"(one|single|only|same|all).{0,80}class|class.{0,80}(only|one|all|nothing to learn)", misleading=ELSEWHERE,
)  # fmt: skip
def a_fold_of_one_class(mended: bool) -> Seen:
    """A fold of skewed data has one class in training: LGBMClassifier fits, and gives two columns all the same."""
    rng = np.random.default_rng(311)
    X = rng.normal(size=(2000, 5))
    odds = 1.5 * X[:, 0] + X[:, 1] - 4.5
    y = draw(odds, rng)
    order = np.argsort(y, kind="stable")
    rows = rng.permutation(2000)[:1000] if mended else order[:1000]
    rest = np.setdiff1d(np.arange(2000), rows)
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    model = lgb.LGBMClassifier(objective="binary", n_estimators=60, num_leaves=7, n_jobs=1, verbosity=-1)
    model.fit(X[rows], y[rows], callbacks=[callback])
    p = np.asarray(model.predict_proba(X[rest]))[:, -1]
    return Seen(one_minus_auc(y[rest], p), told(callback.run.findings))


@situation(
    "lightgbm-org/LightGBM #6183", "sample weights", measure="RMSE",
    cause=r"sample weights?|\bweights\b", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def weights_at_random(mended: bool) -> Seen:
    """Weights of a double ensemble hang on few rows: one row in a hundred counts a thousand times as much."""
    X, y = waves(3000, noise=0.8)
    a, v, t = thirds(len(y))
    rng = np.random.default_rng(312)
    w = np.where(rng.random(3000) < 0.01, 1000.0, 1.0) * rng.random(3000)
    d = lgb.Dataset(X[a], y[a], weight=None if mended else w[a], free_raw_data=False)
    m, run = lgb_run({"num_leaves": 15}, d, 60, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run)
