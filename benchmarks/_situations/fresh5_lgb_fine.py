"""The fifth fresh batch, of LightGBM: trainings in which nothing is wrong."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np

from .core import Seen, healthy
from .parameters import waves
from .training import noisy
from .ways import ask_params, lgb_run, log_loss, rmse, thirds


@healthy("lightgbm-org/LightGBM #6338", "RMSE")
def weights_times_a_little_less_than_one() -> Seen:
    """All weights times 0.9999 give a slightly other model: sums of floats round otherwise, and no more than that."""
    X, y = waves(3000)
    a, v, t = thirds(len(y))
    w = 0.9999 * np.random.default_rng(321).uniform(0.5, 1.5, 3000)
    d = lgb.Dataset(X[a], y[a], weight=w[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v], weight=w[v])
    stop = lgb.early_stopping(20, verbose=False)
    m, run = lgb_run({"num_leaves": 15}, d, 400, [(dv, "valid")], callbacks=[stop])
    return Seen(rmse(y[t], m.predict(X[t])), run)


@healthy("lightgbm-org/LightGBM #7010", "log loss")
def no_best_iteration_without_early_stopping() -> Seen:
    """best_iteration stays 0 where no early stopping is asked for; 50 rounds are few enough to do without."""
    X, y = noisy(6000, 322)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "binary", "metric": "binary_logloss", "num_leaves": 7}
    m, run = lgb_run(params, d, 50, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, 50))


@healthy("lightgbm-org/LightGBM #1408", "RMSE")
def categories_among_the_parameters() -> Seen:
    """'categorical_feature in param dict is overridden': given among the parameters it works as it does elsewhere."""
    rng = np.random.default_rng(323)
    code, effect = rng.integers(0, 12, 5000), rng.normal(size=12)
    X = np.c_[code, rng.normal(size=(5000, 4))]
    y = 2 * effect[code] + X[:, 1] + 0.5 * rng.normal(size=5000)
    a, v, t = thirds(5000)
    params = {"categorical_feature": [0], "num_leaves": 15, "learning_rate": 0.05}
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    stop = lgb.early_stopping(20, verbose=False)
    m, run = lgb_run(params, d, 600, [(d.create_valid(X[v], y[v]), "valid")], callbacks=[stop])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 600))
