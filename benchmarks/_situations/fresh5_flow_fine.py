"""The fifth fresh batch, data and workflow: what someone worried about in public, and nothing is wrong."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, healthy
from .fresh4_flow_labels import rare
from .ways import ask_params, ask_table, lgb_run, log_loss, multi_error, rmse, thirds, xgb_run


@healthy("datascience.stackexchange #67342", "log loss")
def hardly_a_probability_above_one_half() -> Seen:
    """1 % of the rows are positive and 0.1 % are given a probability above 0.5: probabilities are what is asked for."""
    X, y = rare(20000, 321, -5.6)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eval_metric": "logloss", "eta": 0.05, "max_depth": 3}
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(log_loss(y[t], p), run, ask_params(params, d, 500, evals=[(dv, "valid")], early_stopping_rounds=20))


@healthy("lightgbm-org/LightGBM #1298", "RMSE")
def labels_in_the_hundred_thousands() -> Seen:
    """Labels are multiplied by 1,000 and spread by more than 10,000: the same model, in other units."""
    rng = np.random.default_rng(322)
    n = 5000
    X = rng.normal(size=(n, 10))
    y = 1000 * (60 * X[:, 0] + 90 * X[:, 3] + 40 * X[:, 5] + 30 * X[:, 7] + 30 * rng.normal(size=n))
    a, v, t = thirds(n)
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "regression", "num_leaves": 20, "min_data_in_leaf": 50, "learning_rate": 0.1}
    stop = lgb.early_stopping(20, verbose=False)
    m, run = lgb_run(params, d, 600, [(d.create_valid(X[v], y[v]), "valid")], callbacks=[stop])
    dv = d.create_valid(X[v], y[v])
    asked = ask_params(params, d, 600, evals=[(dv, "valid")], early_stopping_rounds=20)
    return Seen(rmse(y[t], m.predict(X[t])), run, asked, ask_table(X[a], y[a], valid=(X[v], y[v])))


@healthy("datascience.stackexchange #47087", "error rate")
def most_are_called_by_the_largest_class() -> Seen:
    """30 % of the rows are of one class, which is called far more often than that: it is the likeliest guess."""
    rng = np.random.default_rng(323)
    n = 6000
    X = rng.normal(size=(n, 6))
    score = np.c_[0.9 + 0 * X[:, 0], 0.8 * X[:, 0], 0.8 * X[:, 1], 0.7 * X[:, 2], 0.7 * X[:, 3]]
    y = np.argmax(score + rng.gumbel(size=(n, 5)), axis=1)
    a, v, t = thirds(n)
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "multi:softprob", "num_class": 5, "eta": 0.05, "max_depth": 3}
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(multi_error(y[t], p), run, table=ask_table(X[a], y[a], valid=(X[v], y[v])))
