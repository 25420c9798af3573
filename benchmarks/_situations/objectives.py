"""Objectives of the user's own, and losses whose scale is not that of the labels."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .ways import ask_params, lgb_run, log_loss, mae, rmse, thirds, xgb_run

GROWTH = r"\bgamma=|try min_child_weight=|try max_depth=|try num_leaves=|try drop="
"""Proposals about the growth of the trees, or columns: they cure none of these."""


def _regression(n: int = 2000, level: float = 0.0, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 5))
    return X, level + scale * (1.5 * X[:, 0] - 1.5 * X[:, 1] + X[:, 2] * X[:, 3] + 0.5 * rng.normal(size=n))


@situation(
    "dmlc/xgboost #3037",
    "own objective: wrong sign",
    measure="RMSE",
    cause=r"\bsign\b|uphill|(gradient|objective).{0,60}(wrong|opposite|negat|ascen|upward)",
    misleading=GROWTH + "|overfit",
)
def own_squared_error_with_the_wrong_sign(mended: bool) -> Seen:
    """The gradient of an own squared error is label minus prediction; predictions run away to -180,824."""
    X, y = _regression()
    a, v, t = thirds(len(y))
    flip = 1 if mended else -1
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(
        {"eval_metric": "rmse"},
        d,
        20,
        [(d, "train"), (dv, "valid")],
        obj=lambda p, d: (flip * (p - d.get_label()), np.ones(p.size)),
    )
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run)


@situation(
    "dmlc/xgboost #1060",
    "own objective: wrong sign",
    measure="log loss",
    cause=r"\bsign\b|uphill|(gradient|objective).{0,60}(wrong|opposite|negat|ascen|upward)",
    misleading=GROWTH + "|overfit",
)
def own_log_loss_with_the_wrong_sign(mended: bool) -> Seen:
    """Should the gradient of an own log loss not be label minus prediction? Trained so, it climbs."""
    X, z = _regression()
    y = (z > 0).astype(int)
    a, v, t = thirds(len(y))
    flip = 1 if mended else -1

    def objective(margin: np.ndarray, data: lgb.Dataset) -> tuple[np.ndarray, np.ndarray]:
        p = 1 / (1 + np.exp(-margin))
        return flip * (p - data.get_label()), p * (1 - p)

    d = lgb.Dataset(X[a], y[a])
    m, run = lgb_run(
        {"objective": objective, "metric": "auc"}, d, 30, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")]
    )
    return Seen(log_loss(y[t], 1 / (1 + np.exp(-m.predict(X[t])))), run)


def _squared(p: np.ndarray, data: Any) -> tuple[np.ndarray, np.ndarray]:
    return p - data.get_label(), np.ones(p.size)


START = (
    r"start(s|ed|ing)?\b.{0,40}\b(at|from) 0|init_score|base_margin|base_score|"
    r"boost_from_average|far from (the|their|your) label"
)


@situation(
    "lightgbm-org/LightGBM #7193",
    "own objective: starts at 0",
    measure="RMSE",
    cause=START,
    misleading=GROWTH + "|overfit",
)
def own_objective_starts_at_zero_lightgbm(mended: bool) -> Seen:
    """boost_from_average does nothing for an own objective: it starts at 0, and the labels lie around 500."""
    X, y = _regression(level=500)
    a, v, t = thirds(len(y))
    start = y[a].mean() if mended else 0.0
    d = lgb.Dataset(X[a], y[a], init_score=np.full(len(y[a]), start))
    dv = d.create_valid(X[v], y[v], init_score=np.full(len(y[v]), start))
    m, run = lgb_run({"objective": _squared, "metric": "l2"}, d, 40, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t], start + m.predict(X[t])), run)


@situation(
    "dmlc/xgboost #799",
    "own objective: starts at 0",
    measure="RMSE",
    cause=START,
    misleading=GROWTH + "|overfit",
)
def base_score_far_from_the_labels(mended: bool) -> Seen:
    """base_score=0.5 with labels around 1,000 and a small eta: thousands of trees do nothing but find the mean."""
    X, y = _regression(level=1000)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(
        {"eta": 0.05, "base_score": float(y[a].mean()) if mended else 0.5}, d, 100, [(d, "train"), (dv, "valid")]
    )
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run)


HESSIAN = r"hessian|second deriv|curvature|min_child_weight=0|min_sum_hessian"


@situation(
    "dmlc/xgboost #1818",
    "own objective: hessian",
    measure="MAE",
    cause=HESSIAN,
    misleading=r"try eta=|try learning_rate=|overfit|constant feature|try drop=|try min_child_weight=[1-9]",
)
def own_objective_with_hessian_zero(mended: bool) -> Seen:
    """An own MAPE objective with a hessian of 0: no tree splits, every prediction stays the same."""
    X, y = _regression(level=20)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    h = 1 / 20 if mended else 0.0
    m, run = xgb_run(
        {"eval_metric": "mae", "eta": 0.1, "base_score": 20},
        d,
        60,
        [(d, "train"), (dv, "valid")],
        obj=lambda p, d: (np.sign(p - d.get_label()) / d.get_label(), np.full(p.size, h)),
    )
    return Seen(mae(y[t], m.predict(xgb.DMatrix(X[t]))), run)


@situation(
    "dmlc/xgboost #1743",
    "own objective: hessian",
    measure="MAE",
    cause=HESSIAN + "|" + START,
    misleading=r"overfit|constant feature|try drop=|try min_child_weight=[1-9]",
)
def log_cosh_far_from_the_labels(mended: bool) -> Seen:
    """An own log-cosh objective does not work: far from the labels its hessian, 1 - tanh², is 0."""
    X, y = _regression(level=100)
    a, v, t = thirds(len(y))
    start = float(np.median(y[a])) if mended else 0.5

    def objective(p: np.ndarray, d: xgb.DMatrix) -> tuple[np.ndarray, np.ndarray]:
        g = np.tanh(p - d.get_label())
        return g, np.maximum(1 - g * g, 0.05 if mended else 0)

    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run({"eval_metric": "mae", "base_score": start}, d, 60, [(d, "train"), (dv, "valid")], obj=objective)
    return Seen(mae(y[t], m.predict(xgb.DMatrix(X[t]))), run)


@situation(
    "dmlc/xgboost #3063",
    "own objective: hessian",
    measure="RMSE",
    cause=HESSIAN + r"|reg_lambda=|\blambda=",
    misleading="overfit|constant feature|try drop=|try min_child_weight=[1-9]",
)
def own_objective_divided_by_the_rows(mended: bool) -> Seen:
    """Gradient and hessian of an own RMSE are divided by the number of rows; min_child_weight and lambda are not."""
    X, y = _regression()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    by = 1.0 if mended else len(y[a])
    m, run = xgb_run(
        {"eval_metric": "rmse"},
        d,
        50,
        [(d, "train"), (dv, "valid")],
        obj=lambda p, d: (2 * (p - d.get_label()) / by, np.full(p.size, 2 / by)),
    )
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run)


SCALE = r"clip|scale of the label|labels?.{0,60}(scale|spread)|(scale|spread).{0,60}labels?"


def _loss_scale(params: dict[str, Any], mend: dict[str, Any], mended: bool, measure: Any) -> Seen:
    """LightGBM on labels in the thousands: what the run and `check_params` say, and the loss."""
    X, y = _regression(3000, level=5000, scale=1000)
    a, v, t = thirds(len(y))
    given = params | mend if mended else params
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    m, run = lgb_run(given, d, 100, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    return Seen(measure(y[t], m.predict(X[t])), run, ask_params(given, d, 100))


@situation(
    "lightgbm-org/LightGBM #2762",
    "loss scale against label scale",
    measure="MAE",
    cause=r"\balpha\b|" + SCALE,
    misleading=GROWTH + "|overfit",
)
def huber_alpha_beside_large_labels(mended: bool) -> Seen:
    """huber with its default alpha of 0.9 on labels in the thousands is no MSE: every gradient is clipped."""
    return _loss_scale({"objective": "huber", "metric": "l1"}, {"alpha": 2000.0}, mended, mae)


@situation(
    "lightgbm-org/LightGBM #178",
    "loss scale against label scale",
    measure="MAE",
    cause=r"\bfair_c\b|" + SCALE,
    misleading=GROWTH + "|overfit",
)
def fair_c_beside_large_labels(mended: bool) -> Seen:
    """The fair loss stands in for L1, with fair_c=1 on labels in the thousands: it hardly moves."""
    return _loss_scale({"objective": "fair", "metric": "l1"}, {"fair_c": 2000.0}, mended, mae)


@situation(
    "lightgbm-org/LightGBM #6027",
    "loss scale against label scale",
    measure="RMSE",
    cause=r"max_delta_step",
    misleading=GROWTH + "|overfit",
)
def max_delta_step_caps_every_leaf(mended: bool) -> Seen:
    """Most leaves of a tree hold one of two values: a search has set max_delta_step to 0.44."""
    params = {"objective": "regression", "metric": "rmse", "learning_rate": 0.0765, "max_delta_step": 0.44}
    return _loss_scale(params, {"max_delta_step": 0.0}, mended, rmse)


@situation(
    "dmlc/xgboost #10988",
    "loss scale against label scale",
    measure="MAE",
    cause=r"huber_slope|" + SCALE,
    misleading=GROWTH + "|overfit",
)
def huber_slope_beside_large_labels(mended: bool) -> Seen:
    """reg:pseudohubererror does no better than a null model: its slope is 1, the labels are in the thousands."""
    X, y = _regression(3000, level=5000, scale=1000)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "reg:pseudohubererror", "huber_slope": 5000.0 if mended else 1.0, "eval_metric": "mae"}
    m, run = xgb_run(params, d, 100, [(d, "train"), (dv, "valid")])
    return Seen(mae(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 100))
