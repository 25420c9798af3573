"""The fourth fresh batch, of LightGBM: trainings about which someone asked, and in which nothing is wrong."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd

import treedebug

from .core import Seen, healthy
from .parameters import waves
from .training import noisy
from .ways import DEFAULTS, ask_params, lgb_run, log_loss, multi_error, rmse, thirds, told

Array = np.ndarray


@healthy("lightgbm-org/LightGBM #4629", "log loss")
def raw_scores_of_an_own_objective() -> Seen:
    """With an own objective predict gives raw scores, whatever raw_score says: that is how it is meant."""
    X, y = noisy(3000, 221)
    a, v, t = thirds(len(y))

    def logistic(scores: Array, data: lgb.Dataset) -> tuple[Array, Array]:
        p = 1 / (1 + np.exp(-scores))
        return p - data.get_label(), p * (1 - p)

    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": logistic, "metric": "auc", "num_leaves": 7, "learning_rate": 0.05}
    stop = lgb.early_stopping(30, verbose=False)
    m, run = lgb_run(params, d, 500, [(d.create_valid(X[v], y[v]), "valid")], callbacks=[stop])
    return Seen(log_loss(y[t], 1 / (1 + np.exp(-np.asarray(m.predict(X[t]))))), run)


@healthy("lightgbm-org/LightGBM #5915", "error rate")
def a_column_with_one_other_value() -> Seen:
    """LGBMClassifier does not use all features: one has a single other value in 1,500 rows, and cannot be split."""
    X, y = noisy(3000, 222)
    frame = pd.DataFrame(X, columns=[f"f{i}" for i in range(8)])
    frame["AR"] = 8.138688
    frame.loc[17, "AR"] = 11.112036
    a, v, t = thirds(len(y))
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    model = lgb.LGBMClassifier(n_estimators=400, learning_rate=0.05, num_leaves=7, n_jobs=1, verbosity=-1)
    stop = lgb.early_stopping(20, verbose=False)
    model.fit(frame.iloc[a], y[a], eval_set=[(frame.iloc[v], y[v])], callbacks=[stop, callback])
    return Seen(multi_error(y[t], model.predict_proba(frame.iloc[t])), told(callback.run.findings))


@healthy("lightgbm-org/LightGBM #2902", "RMSE")
def goss_is_not_three_times_as_fast() -> Seen:
    """goss is 1.3 times as fast as gbdt, not 3.3 times: part of the work is on all rows. The model is fine."""
    X, y = waves(8000)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    params = {"boosting": "goss", "num_leaves": 31, "learning_rate": 0.1}
    stop = lgb.early_stopping(20, verbose=False)
    m, run = lgb_run(params, d, 400, [(dv, "valid")], callbacks=[stop])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 400, evals=[(dv, "valid")]))


@healthy("lightgbm-org/LightGBM #4635", "error rate")
def an_auc_of_called_classes() -> Seen:
    """The AUC is far below what the docs report: predict of LGBMClassifier gives classes. The training is fine."""
    X, y = noisy(4000, 223)
    a, v, t = thirds(len(y))
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    model = lgb.LGBMClassifier(n_estimators=500, learning_rate=0.05, num_leaves=15, n_jobs=1, verbosity=-1)
    stop = lgb.early_stopping(30, verbose=False)
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], eval_metric="auc", callbacks=[stop, callback])
    return Seen(float(np.mean(model.predict(X[t]) != y[t])), told(callback.run.findings))


@healthy("lightgbm-org/LightGBM #1526", "RMSE")
def a_bag_for_three_rounds() -> Seen:
    """bagging_freq=3: a bag is drawn and used for three rounds. The user asked whether it is used in every third."""
    X, y = waves(4000)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    params = {"bagging_freq": 3, "bagging_fraction": 0.7, "num_leaves": 15, "learning_rate": 0.05}
    stop = lgb.early_stopping(30, verbose=False)
    m, run = lgb_run(params, d, 800, [(dv, "valid")], callbacks=[stop])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 800, evals=[(dv, "valid")]))
