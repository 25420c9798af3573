"""The third fresh batch: trainings about which someone worried in public, and in which nothing is wrong."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.datasets import load_wine

import treedebug

from .core import Seen, healthy
from .ways import DEFAULTS, ask_params, draw, lgb_run, log_loss, multi_error, one_minus_auc, rmse, thirds, told, xgb_run

Array = np.ndarray


def _classes(n: int, seed: int) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 7))
    odds = 1.2 * X[:, 0] + X[:, 1] * X[:, 2] - 0.8 * np.abs(X[:, 3])
    return X, odds, draw(odds, rng)


@healthy("dmlc/xgboost #2626", "log loss")
def a_regressor_with_a_logistic_objective() -> Seen:
    """XGBRegressor with binary:logistic on labels 0 and 1, for probabilities: that is allowed, and the same model."""
    X, _, y = _classes(3200, 181)
    a, v, t = thirds(len(y))
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    model = xgb.XGBRegressor(
        objective="binary:logistic", n_estimators=500, learning_rate=0.05, max_depth=3, n_jobs=1, verbosity=0,
        early_stopping_rounds=20, callbacks=[callback],
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], verbose=False)
    return Seen(log_loss(y[t], model.predict(X[t])), told(callback.run.findings))


@healthy("dmlc/xgboost #325", "RMSE of the probability")
def labels_that_are_probabilities() -> Seen:
    """Labels are probabilities, 0.13 or 0.8: binary:logistic takes any value between 0 and 1."""
    X, odds, _ = _classes(3200, 182)
    y = 1 / (1 + np.exp(-(odds + 0.5 * np.random.default_rng(182).normal(size=len(odds)))))
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 4}
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    asked = ask_params(params, d, 500, evals=[(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    return Seen(rmse(y[t], p), run, asked)


@healthy("lightgbm-org/LightGBM #1246", "RMSE")
def a_forest_whose_loss_stands_still() -> Seen:
    """The loss of a random forest does not fall from round to round: each tree is one more vote, no correction."""
    rng = np.random.default_rng(183)
    X = rng.uniform(-2, 2, size=(4000, 6))
    y = np.sin(2 * X[:, 0]) + X[:, 1] + 0.5 * X[:, 2] + 0.4 * rng.normal(size=4000)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.63, "feature_fraction": 0.8, "num_leaves": 255}
    params |= {"min_data_in_leaf": 2}
    m, run = lgb_run(params, d, 100, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 100))


@healthy("dmlc/xgboost #6885", "not measured")
def times_below_zero_are_censored() -> Seen:
    """survival:cox with times of which most are negative: those were still alive when the study ended."""
    rng = np.random.default_rng(184)
    X = rng.normal(size=(4000, 6))
    life, end = rng.exponential(np.exp(-0.8 * X[:, 0] - 0.5 * X[:, 1])), rng.exponential(0.8, 4000)
    time = np.round(1000 * np.minimum(life, end)) + 1
    y = np.where(life < end, time, -time)
    a, v, _ = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "survival:cox", "eta": 0.05, "max_depth": 2}
    _, run = xgb_run(params, d, 500, [(dv, "valid")], early_stopping_rounds=20)
    return Seen(0.0, run, ask_params(params, d, 500, evals=[(dv, "valid")], early_stopping_rounds=20))


@healthy("lightgbm-org/LightGBM #2036", "1 - AUC")
def queries_of_two_rows() -> Seen:
    """Every query is a pair, one relevant and one not, in either order: enough for lambdarank to learn from."""
    rng = np.random.default_rng(185)
    X = rng.normal(size=(6000, 6))
    score = X[:, 0] + 0.8 * X[:, 1] * X[:, 2] + 0.7 * rng.normal(size=6000)
    first = score[0::2] > score[1::2]
    y = np.c_[first, ~first].ravel().astype(int)
    d = lgb.Dataset(X[:3000], y[:3000], group=np.full(1500, 2), free_raw_data=False)
    dv = d.create_valid(X[3000:4500], y[3000:4500], group=np.full(750, 2))
    params = {"objective": "lambdarank", "metric": "ndcg", "eval_at": [1], "num_leaves": 7, "learning_rate": 0.05}
    m, run = lgb_run(params, d, 500, [(dv, "valid")], callbacks=[lgb.early_stopping(40, verbose=False)])
    asked = ask_params(params, d, 500, evals=[(dv, "valid")], early_stopping_rounds=40)
    return Seen(one_minus_auc(y[4500:], m.predict(X[4500:])), run, asked)


@healthy("lightgbm-org/LightGBM #1349", "error rate")
def classes_with_names() -> Seen:
    """LGBMClassifier with classes that are words, on scikit-learn's wine: the wrapper numbers them itself."""
    X, y = load_wine(return_X_y=True, as_frame=True)
    order = np.random.default_rng(186).permutation(len(y))
    X, names = X.iloc[order], pd.Series(["red", "rosé", "white"])[y.iloc[order]].to_numpy()
    a, v, t = slice(0, 90), slice(90, 135), slice(135, None)
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    model = lgb.LGBMClassifier(n_estimators=300, num_leaves=7, min_child_samples=8, n_jobs=1, verbosity=-1)
    stop = lgb.early_stopping(20, verbose=False)
    model.fit(X.iloc[a], names[a], eval_set=[(X.iloc[v], names[v])], callbacks=[stop, callback])
    codes = np.searchsorted(model.classes_, names[t])
    return Seen(multi_error(codes, model.predict_proba(X.iloc[t])), told(callback.run.findings))
