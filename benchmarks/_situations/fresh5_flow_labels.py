"""The fifth fresh batch, data and workflow: labels, weights, leaks, few rows."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.utils.class_weight import compute_sample_weight

import treedebug

from .core import Seen, situation
from .data import LEAK, TREES
from .labels import RANGE
from .parameters import ELSEWHERE
from .training import SMALL
from .ways import DEFAULTS, ask_params, ask_table, draw, lgb_run, log_loss, rmse, thirds, told, xgb_run


@situation(
    "stackoverflow #67868420", "ignored parameter", measure="1 - mean recall", cause=r"class_weight",
    misleading=ELSEWHERE + "|max_depth",
)  # fmt: skip
def class_weight_for_three_classes(mended: bool) -> Seen:
    """XGBClassifier(class_weight={0: 0.5, 1: 100, 2: 200}) does not answer: there is no such parameter in XGBoost."""
    rng = np.random.default_rng(311)
    n = 5000
    X = rng.normal(size=(n, 6))
    y = np.digitize(X[:, 0] + 0.5 * X[:, 1] + 1.2 * rng.normal(size=n), [2.2, 3.0])
    a, v, t = thirds(n)
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    given = {} if mended else {"class_weight": {0: 0.5, 1: 100, 2: 200}}
    model = xgb.XGBClassifier(
        n_estimators=60, max_depth=3, learning_rate=0.1, n_jobs=1, verbosity=0, callbacks=[callback], **given
    )
    weight = compute_sample_weight("balanced", y[a]) if mended else None
    model.fit(X[a], y[a], sample_weight=weight, eval_set=[(X[v], y[v])], verbose=False)
    called = model.predict(X[t])
    recall = [float((called[y[t] == k] == k).mean()) for k in range(3)]
    return Seen(1 - float(np.mean(recall)), told(callback.run.findings))


@situation(
    "lightgbm-org/LightGBM #7153", "too little data for the defaults", measure="trees without a split",
    cause=SMALL + r"|no split|constant|\d+ rows", misleading=ELSEWHERE + "|constant feature",
)  # fmt: skip
def a_hundred_percent_by_leaving_one_out(mended: bool) -> Seen:
    """Of 24 rows each is left out once: LightGBM cannot split 23, and falls back to weighted shares."""
    rng = np.random.default_rng(312)
    X = rng.normal(size=(24, 5))
    y = np.arange(24) % 2
    X[:, 0] += 2.0 * y
    d = lgb.Dataset(X[:23], y[:23], params={"min_data_in_bin": 1}, free_raw_data=False)
    params = {"objective": "binary", "is_unbalance": True, "num_leaves": 31}
    params |= {"min_data_in_leaf": 3, "num_leaves": 3, "min_data_in_bin": 1} if mended else {}
    m, run = lgb_run(params, d, 30, [(d, "training")])
    trees = m.dump_model()["tree_info"]
    return Seen(float(np.mean([t["num_leaves"] < 2 for t in trees])), run, ask_params(params, d, 30))


@situation(
    "stats.stackexchange #647942", "validation labels outside the training range", measure="RMSE",
    cause=RANGE + r"|outlier|\bpeak|spike|extrapolat", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def peaks_that_training_has_not_seen(mended: bool) -> Seen:
    """A series without a trend has sudden peaks in the test, higher than any in training: the predictions are flat."""
    rng = np.random.default_rng(313)
    n = 3000
    shock = rng.gamma(1.2, 1.0, n)
    lag = np.roll(shock, 1)
    calm = np.arange(n) < 1500
    lag = np.where(calm, np.minimum(lag, 1.8), lag)
    y = 1.0 + 2.5 * lag**1.5 + 0.3 * rng.normal(size=n)
    X = np.c_[lag, rng.normal(size=(n, 3))]
    v, t = slice(2000, 2500), slice(2500, n)
    a = slice(1000, 2000) if mended else slice(0, 1500)
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run({"eta": 0.1, "max_depth": 4}, d, 200, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(rmse(y[t], p), run, table=ask_table(X[a], y[a], valid=(X[v], y[v])))


@situation(
    "alteryx/predict-customer-churn #2", "leak", measure="log loss of the real world",
    cause=LEAK + r"|holds .{0,20} of the gain|explains far more", misleading=TREES,
)  # fmt: skip
def is_cancel_of_the_same_month(mended: bool) -> Seen:
    """is_cancel tells that a customer has cancelled, which most of those who churn do: but in that very month."""
    rng = np.random.default_rng(314)
    n = 4000
    frame = pd.DataFrame(rng.normal(size=(n, 5)), columns=["songs", "days", "price", "age", "skips"])
    y = draw(0.8 * frame.songs - 0.7 * frame.days + 0.4 * frame.price - 1.4, rng)
    cancelled = np.where(y == 1, rng.random(n) < 0.8, rng.random(n) < 0.04).astype(int)
    before = (rng.random(n) < 0.05).astype(int)
    known = frame.assign(is_cancel=before if mended else cancelled)
    a, v, t = thirds(n)
    d = lgb.Dataset(known.iloc[a], y[a], free_raw_data=False)
    params = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.05}
    stop = lgb.early_stopping(20, verbose=False)
    dv = d.create_valid(known.iloc[v], y[v])
    m, run = lgb_run(params, d, 300, [(d, "train"), (dv, "valid")], callbacks=[stop])
    loss = log_loss(y[t], m.predict(known.iloc[t].assign(is_cancel=before[t])))
    return Seen(loss, run, table=ask_table(known.iloc[a], y[a], valid=(known.iloc[v], y[v])))
