"""Features whose numbers the booster cannot use as they are."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .training import noisy
from .ways import ask_table, draw, lgb_run, log_loss, one_minus_auc, refused, rmse, thirds, xgb_run


@situation(
    "dmlc/xgboost #1020",
    "linear booster",
    measure="RMSE",
    cause=r"scale|standardi[sz]|normali[sz]|gblinear|mean 0|\beta\b",
    misleading=r"overfit|try drop=|max_depth",
)
def gblinear_on_raw_features(mended: bool) -> Seen:
    """train-rmse of gblinear grows to inf and nan: the features lie in the thousands, and correlate."""
    rng = np.random.default_rng(52)
    base = rng.normal(size=(1500, 1))
    X = 3000 + 40 * (base + 0.2 * rng.normal(size=(1500, 12)))
    y = X[:, 0] - X[:, 1] + rng.normal(size=1500)
    a, v, t = thirds(len(y))
    if mended:
        X = (X - X[a].mean(0)) / X[a].std(0)
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"booster": "gblinear", "updater": "coord_descent", "eta": 0.5, "feature_selector": "cyclic"}
    m, run = xgb_run(params, d, 40, [(d, "train"), (dv, "valid")])
    loss = rmse(y[t], m.predict(xgb.DMatrix(X[t])))
    return Seen(loss if np.isfinite(loss) else 1e9, run, table=ask_table(X[a], y[a]))


@situation(
    "lightgbm-org/LightGBM #1112",
    "scale of features",
    measure="1 - AUC",
    cause=r"tiny|too small|small (values|numbers|feature)|1e-3|scale|(taken|read) (as|for) (0|zero)",
    misleading=r"overfit|try (num_leaves|min_data_in_leaf)=",
)
def features_of_ten_to_the_minus_forty(mended: bool) -> Seen:
    """Features around 1e-40 are all taken as zero: there are no useful features. Scaled, the same table is easy."""
    X, y = noisy(2000, 53)
    a, v, t = thirds(len(y))
    X = X * (1.0 if mended else 1e-40)
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    m, run = lgb_run({"objective": "binary", "num_leaves": 7}, d, 40, [(dv, "valid")])
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run, table=ask_table(X[a], y[a]))


@situation(
    "dmlc/xgboost #7941",
    "scale of features",
    measure="training is refused",
    asked="table",
    cause=r"infinit|\binf\b|float32|too large|non-finite",
    misleading=r"overfit|try max_depth=",
)
def a_number_too_large_for_float32(mended: bool) -> Seen:
    """'Input contains infinity or a value too large for float32': 1e39 stands where a ratio was divided by 0."""
    X, y = noisy(2000, 54)
    a, v, _ = thirds(len(y))
    X = X.copy()
    hit = np.random.default_rng(54).random(len(y)) < 0.3
    X[hit, 0] = np.where(X[hit, 0] > 0, 1e39, -1e39) if not mended else X[hit, 0]
    asked = ask_table(X[a], y[a], valid=(X[v], y[v]))
    return Seen(refused(lambda: xgb_run({"objective": "binary:logistic"}, xgb.DMatrix(X[a], y[a]), 10)), table=asked)


@situation(
    "dmlc/xgboost #822",
    "zero and missing",
    measure="log loss",
    asked="table",
    cause=r"-999|stands? for a missing|sentinel|missing at another rate|missing.{0,60}valid",
    misleading=r"overfit|try (max_depth|drop)=",
)
def a_number_stands_for_missing(mended: bool) -> Seen:
    """What does missing=nan mean? The training rows were filled with -999, and nobody says so to the booster."""
    rng = np.random.default_rng(55)
    X = rng.normal(size=(4000, 5))
    gone = rng.random(X.shape) < 0.3
    y = draw(2 * gone[:, 0] - 2 * gone[:, 1] + np.where(gone[:, 2], 0, X[:, 2]), rng)
    X[gone] = np.nan
    a, v, t = thirds(len(y))
    filled = X[a] if mended else np.nan_to_num(X[a], nan=-999)
    asked = ask_table(filled, y[a], valid=(X[v], y[v]))
    d, dv = xgb.DMatrix(filled, y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run({"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}, d, 80, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, table=asked)
