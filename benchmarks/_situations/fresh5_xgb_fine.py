"""The fifth fresh batch, XGBoost: trainings about which someone worried in public, and in which nothing is wrong."""

from __future__ import annotations

import numpy as np
import xgboost as xgb

import treedebug

from .core import Seen, healthy
from .ways import DEFAULTS, ask_params, draw, log_loss, rmse, thirds, told, xgb_run


@healthy("dmlc/xgboost #11388", "RMSE")
def splits_beyond_what_was_seen() -> Seen:
    """Some split points lie outside the range of the feature: they tell missing values from all others."""
    rng = np.random.default_rng(511)
    X = rng.normal(size=(4000, 5))
    y = 2 * X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * rng.normal(size=4000)
    X[rng.random(4000) < 0.1, 0] = np.nan
    a, v, t = thirds(len(y))
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    model = xgb.XGBRegressor(
        n_estimators=600, learning_rate=0.1, max_depth=4, early_stopping_rounds=20, n_jobs=1, verbosity=0,
        callbacks=[callback],
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[a], y[a]), (X[v], y[v])], verbose=False)
    return Seen(rmse(y[t], model.predict(X[t])), told(callback.run.findings))


@healthy("dmlc/xgboost #10999", "RMSE")
def values_that_are_hardly_ever_there() -> Seen:
    """Do values of which there are few share a bin with their neighbours? No: fewer values than bins keep their own."""
    rng = np.random.default_rng(512)
    X = np.c_[np.minimum(rng.poisson(30, 6000), 100), rng.geometric(0.2, 6000), rng.normal(size=(6000, 3))]
    y = 0.1 * X[:, 0] + 3.0 * (X[:, 1] > 8) + np.sin(2 * X[:, 2]) + 0.6 * rng.normal(size=6000)
    a, v, t = thirds(len(y))
    d = xgb.QuantileDMatrix(X[a], y[a], max_bin=128)
    dv = xgb.QuantileDMatrix(X[v], y[v], ref=d, max_bin=128)
    params = {"tree_method": "hist", "max_bin": 128, "eta": 0.05, "max_depth": 3, "subsample": 0.8}
    m, run = xgb_run(params, d, 800, [(d, "train"), (dv, "valid")], early_stopping_rounds=30)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(rmse(y[t], p), run)


@healthy("dmlc/xgboost #5850", "log loss")
def scores_or_probabilities() -> Seen:
    """'Are these probabilities or scores?' predict_proba of binary:logistic: probabilities, of some 0.3."""
    rng = np.random.default_rng(513)
    X = rng.normal(size=(6000, 6))
    y = draw(0.9 * X[:, 0] + 0.7 * X[:, 1] * X[:, 2] + 0.5 * X[:, 3] - 1.0, rng)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.05, "max_depth": 3, "colsample_bytree": 0.8}
    m, run = xgb_run(params, d, 700, [(d, "train"), (dv, "valid")], early_stopping_rounds=30)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    asked = ask_params(params, d, 700, evals=[(d, "train"), (dv, "valid")], early_stopping_rounds=30)
    return Seen(log_loss(y[t], p), run, asked)
