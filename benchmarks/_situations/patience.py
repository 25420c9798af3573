"""Early stopping that never stops, stops at once, or stops by chance."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .stopping import BINARY, FEWER, classes
from .ways import ask_params, draw, lgb_run, log_loss, one_minus_auc, thirds, xgb_run


@situation(
    "lightgbm-org/LightGBM #1893",
    "early stopping: dart",
    measure="log loss",
    cause=r"dart.{0,120}(early|stop)|(early|stop).{0,120}dart",
    misleading=r"try drop=|try num_leaves=",
)
def early_stopping_with_dart(mended: bool) -> Seen:
    """Early stopping is given and dart never stops: LightGBM switches it off there, since trees change afterwards."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(1200, 8))
    y = draw(0.6 * (X[:, 0] + X[:, 1] * X[:, 2]), rng)
    a, v, t = slice(0, 300), slice(300, 600), slice(600, 1200)
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "binary", "early_stopping_round": 20, "learning_rate": 0.2}
    params |= {"boosting": "gbdt" if mended else "dart"}
    dv = d.create_valid(X[v], y[v])
    m, run = lgb_run(params, d, 300, [(dv, "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, 300, evals=[(dv, "valid")]))


@situation(
    "lightgbm-org/LightGBM #1913",
    "early stopping: weighted training",
    measure="1 - AUC",
    cause=r"is_unbalance|(?<!child_)weigh",
    misleading=FEWER,
)
def is_unbalance_stops_in_the_first_round(mended: bool) -> Seen:
    """With is_unbalance the loss is least in round 1 and rises: early stopping keeps one tree."""
    X, y = classes(6000, shift=3.2)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    params = {"objective": "binary", "is_unbalance": not mended}
    m, run = lgb_run(params, d, 300, [(dv, "valid")], callbacks=[lgb.early_stopping(30, verbose=False)])
    asked = ask_params(params, d, 300, early_stopping_rounds=30, evals=[(dv, "valid")])
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run, asked)


@situation(
    "dmlc/xgboost #1804",
    "early stopping: weighted training",
    measure="1 - AUC",
    cause=r"(?<!child_)weigh",
    misleading=FEWER,
)
def weights_in_training_and_not_in_validation(mended: bool) -> Seen:
    """Sample weights go into fit and never reach eval_set: training is judged by another loss than it has."""
    X, y = classes(6000, shift=3.2)
    a, v, t = thirds(len(y))
    w = np.where(y == 1, (y == 0).sum() / y.sum(), 1.0)
    d = xgb.DMatrix(X[a], y[a], weight=w[a])
    dv = xgb.DMatrix(X[v], y[v], weight=w[v] if mended else None)
    m, run = xgb_run(BINARY, d, 300, [(dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run)


@situation(
    "lightgbm-org/LightGBM #4791",
    "early stopping: late discovery",
    measure="log loss",
    cause=r"patience|stopping_rounds?=[2-9]\d|too (early|soon)|beat its earlier|second.descent|noisy|(by|of) chance",
    misleading=r"overfit|try num_iterations=\d\b|try num_leaves=|try drop=",
)
def stopped_at_an_early_spike(mended: bool) -> Seen:
    """On a noisy problem the own metric is high by chance in the first rounds; early stopping ends training there."""
    rng = np.random.default_rng(17)
    X = rng.normal(size=(6000, 10))
    y = draw(0.6 * (X[:, 0] + X[:, 1] + X[:, 2] * X[:, 3] + X[:, 4] * X[:, 5]), rng)
    a, v, t = slice(0, 3500), slice(3500, 3700), slice(3700, 6000)
    d = lgb.Dataset(X[a], y[a])
    m, run = lgb_run(
        {"objective": "binary", "learning_rate": 0.02, "num_leaves": 7, "metric": "None"},
        d,
        400,
        [(d.create_valid(X[v], y[v]), "valid")],
        feval=lambda p, d: ("hits", float(np.mean((p > 0.5) == d.get_label())), True),
        callbacks=[lgb.early_stopping(200 if mended else 10, verbose=False)],
    )
    return Seen(log_loss(y[t], m.predict(X[t])), run)


@situation(
    "lightgbm-org/LightGBM #2371",
    "early stopping: tiny set",
    measure="log loss",
    cause=r"\b40 (validation )?rows|\bfew (validation )?rows|(small|tiny) validation|noisy|(by|of) chance",
    misleading=r"try num_leaves=|try drop=|try max_depth=|try learning_rate=",
)
def forty_validation_rows(mended: bool) -> Seen:
    """The round that early stopping keeps is not the one expected: 40 rows decide it."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(6000, 8))
    y = draw(X[:, 0] + X[:, 1] + X[:, 2] * X[:, 3], rng)
    a, t = slice(0, 2000), slice(4000, 6000)
    v = slice(2000, 4000) if mended else slice(2000, 2040)
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.05, "max_depth": 4, "eval_metric": "auc"}
    m, run = xgb_run(params, d, 400, [(dv, "valid")], early_stopping_rounds=15)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(log_loss(y[t], p), run)
