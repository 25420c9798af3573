"""Situations that were rebuilt when the rules were done, and before any was asked about them: objectives, stopping."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .objectives import GROWTH, HESSIAN, START
from .parameters import waves
from .stopping import BINARY, FEWER, classes
from .ways import lgb_run, log_loss, mae, one_minus_auc, rmse, thirds, xgb_run

Array = np.ndarray


@situation(
    "dmlc/xgboost #2602",
    "own objective: wrong sign",
    measure="MAE",
    cause=r"\bsign\b|uphill|(gradient|objective).{0,60}(wrong|opposite|negat|ascen|upward)",
    misleading=GROWTH + "|overfit",
)
def the_error_doubles_in_every_round(mended: bool) -> Seen:
    """An own squared error returns twice the label less the prediction; the MAE is 28,199, 56,168, 112,110."""
    rng = np.random.default_rng(70)
    X = rng.normal(size=(1600, 6))
    y = 28000 + 9000 * X[:, 0] + 4000 * X[:, 1] * X[:, 2] + 2000 * rng.normal(size=1600)
    a, v, t = thirds(len(y))
    flip = 1 if mended else -1

    def objective(p: Array, d: xgb.DMatrix) -> tuple[Array, Array]:
        return flip * 2 * (p - d.get_label()), np.full(len(p), 2.0)

    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eval_metric": "mae", "eta": 1.0 if not mended else 0.3, "max_depth": 4}
    m, run = xgb_run(params, d, 15, [(dv, "test")], obj=objective)
    return Seen(mae(y[t], m.predict(xgb.DMatrix(X[t]))), run)


@situation(
    "dmlc/xgboost #4402",
    "own objective: hessian",
    measure="RMSLE",
    cause=HESSIAN,
    misleading=r"overfit|constant feature|try drop=",
)
def an_rmsle_divided_by_the_rows(mended: bool) -> Seen:
    """An own RMSLE objective divides gradient and hessian by the number of rows; the errors do not move."""
    X, z = waves()
    y = np.exp(0.5 * z + 1)
    a, v, t = thirds(len(y))

    def objective(p: Array, d: xgb.DMatrix) -> tuple[Array, Array]:
        p, z, n = np.maximum(p, -0.99), d.get_label(), 1 if mended else d.num_row()
        return (np.log1p(p) - np.log1p(z)) / (1 + p) / n, np.maximum(1 - np.log1p(p) + np.log1p(z), 0.05) / (
            1 + p
        ) ** 2 / n

    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eval_metric": "rmsle", "eta": 0.1, "max_depth": 4}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")], obj=objective)
    p = np.maximum(m.predict(xgb.DMatrix(X[t])), 0)
    return Seen(rmse(np.log1p(y[t]), np.log1p(p)), run)


@situation(
    "lightgbm-org/LightGBM #6062",
    "own objective: starts at 0",
    measure="pinball loss at 0.9",
    cause=START,
    misleading=GROWTH + "|overfit",
)
def an_own_quantile_is_not_the_built_in_one(mended: bool) -> Seen:
    """An own quantile objective does not reproduce the built-in one: it starts at 0, and steps by its alpha at most."""
    X, z = waves()
    y = 40 + 5 * z
    a, v, t = thirds(len(y))

    def objective(p: Array, d: lgb.Dataset) -> tuple[Array, Array]:
        return np.where(p < d.get_label(), -0.9, 0.1), np.ones(len(p))

    d = lgb.Dataset(X[a], y[a])
    params = {"objective": "quantile" if mended else objective, "alpha": 0.9, "metric": "quantile", "num_leaves": 7}
    m, run = lgb_run(params, d, 80, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    away = y[t] - m.predict(X[t])
    return Seen(float(np.mean(np.maximum(0.9 * away, -0.1 * away))), run)


STOPPED = r"(stopp?(ed|ing)?|ended).{0,80}(by|metric|goes)|first_metric_only|still improving"


@situation(
    "lightgbm-org/LightGBM #1371",
    "early stopping: which metric",
    measure="1 - AUC",
    cause=STOPPED,
    misleading=FEWER,
)
def the_own_metric_is_not_what_stops(mended: bool) -> Seen:
    """A feval goes up and up, and training ends all the same: the default log loss is watched, too."""
    X, y = classes()
    a, v, t = thirds(len(y))

    def ranked(p: Array, d: lgb.Dataset) -> tuple[str, float, bool]:
        return "ranked", 1 - one_minus_auc(d.get_label(), p), True

    d = lgb.Dataset(X[a], y[a])
    params = {"objective": "binary", "learning_rate": 0.1, "num_leaves": 15, "scale_pos_weight": 9}
    params |= {"metric": "None"} if mended else {}
    m, run = lgb_run(
        params,
        d,
        300,
        [(d.create_valid(X[v], y[v]), "valid")],
        feval=ranked,
        callbacks=[lgb.early_stopping(20, verbose=False)],
    )
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run)


@situation(
    "lightgbm-org/LightGBM #6223",
    "early stopping: which metric",
    measure="1 - correlation",
    cause=STOPPED,
    misleading=FEWER,
)
def first_metric_only_takes_the_objectives(mended: bool) -> Seen:
    """first_metric_only=True with an own correlation as the metric meant: the objective's own comes first."""
    rng = np.random.default_rng(71)
    X = rng.normal(size=(2400, 6))
    y = np.exp(X[:, 0] + 0.5 * X[:, 1] * X[:, 2]) + np.where(rng.random(2400) < 0.02, 40.0, 0.0)
    a, v, t = thirds(len(y))

    def pearson(p: Array, d: lgb.Dataset) -> tuple[str, float, bool]:
        return (
            "pearson",
            float(np.corrcoef(np.argsort(np.argsort(p)), np.argsort(np.argsort(d.get_label())))[0, 1]),
            True,
        )

    d = lgb.Dataset(X[a], y[a])
    params = {"metric": "None" if mended else "l2", "learning_rate": 0.05, "num_leaves": 15}
    stop = lgb.early_stopping(10, first_metric_only=True, verbose=False)
    m, run = lgb_run(params, d, 300, [(d.create_valid(X[v], y[v]), "valid")], feval=pearson, callbacks=[stop])
    ranks = [np.argsort(np.argsort(x)) for x in (m.predict(X[t]), y[t])]
    return Seen(1 - float(np.corrcoef(*ranks)[0, 1]), run)


@situation(
    "dmlc/xgboost #10591",
    "early stopping: which metric",
    measure="log loss",
    cause=STOPPED,
    misleading=FEWER,
)
def an_own_log_loss_stops_far_earlier(mended: bool) -> Seen:
    """With a custom metric cross-validation stops in round 6, with the built-in log loss in round 86."""
    X, y = classes()
    a, v, t = thirds(len(y))

    def rounded(p: Array, d: xgb.DMatrix) -> tuple[str, float]:
        return "own", round(log_loss(d.get_label(), p), 1)

    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    more = {} if mended else {"custom_metric": rounded}
    m, run = xgb_run(
        BINARY | {"eval_metric": "logloss"}, d, 300, [(d, "train"), (dv, "valid")], early_stopping_rounds=6, **more
    )
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(log_loss(y[t], p), run)
