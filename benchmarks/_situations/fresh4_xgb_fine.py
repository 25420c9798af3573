"""The fourth fresh batch, XGBoost: trainings about which someone worried in public, and in which nothing is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import xgboost as xgb

import treedebug

from .core import Seen, healthy
from .ways import DEFAULTS, ask_params, draw, log_loss, rmse, thirds, told, xgb_run


@healthy("dmlc/xgboost #2250", "log loss")
def another_seed_and_the_same_result() -> Seen:
    """Two seeds give the very same predictions: without subsample or colsample nothing is drawn."""
    rng = np.random.default_rng(431)
    X = rng.normal(size=(4000, 6))
    y = draw(1.3 * X[:, 0] + X[:, 1] * X[:, 2], rng)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3, "seed": 123}
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    asked = ask_params(params, d, 500, evals=[(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    return Seen(log_loss(y[t], p), run, asked)


@healthy("dmlc/xgboost #2555", "RMSE")
def monotone_if_all_else_is_equal() -> Seen:
    """One feature must raise the prediction, and the averages do not rise with it: others change along."""
    rng = np.random.default_rng(432)
    X = rng.normal(size=(4000, 5))
    X[:, 1] -= 1.2 * X[:, 0]
    y = X[:, 0] + 1.5 * X[:, 1] + np.sin(2 * X[:, 2]) + 0.5 * rng.normal(size=4000)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eta": 0.1, "max_depth": 4, "monotone_constraints": (1, 0, 0, 0, 0)}
    m, run = xgb_run(params, d, 800, [(dv, "valid")], early_stopping_rounds=30)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(rmse(y[t], p), run, ask_params(params, d, 800, evals=[(dv, "valid")], early_stopping_rounds=30))


@healthy("dmlc/xgboost #1094", "log loss")
def are_the_probabilities_right() -> Seen:
    """'Should the probabilities be well calibrated?' They are, with one positive in twenty and no weights."""
    rng = np.random.default_rng(433)
    X = rng.normal(size=(12000, 6))
    y = draw(X[:, 0] + 0.8 * X[:, 1] * X[:, 2] - 3.6, rng)
    a, v, t = thirds(len(y))
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    model = xgb.XGBClassifier(
        n_estimators=600, learning_rate=0.05, max_depth=3, early_stopping_rounds=25, n_jobs=1, verbosity=0,
        callbacks=[callback],
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], verbose=False)
    return Seen(log_loss(y[t], model.predict_proba(X[t])[:, 1]), told(callback.run.findings))


@healthy("dmlc/xgboost #1134", "RMSE")
def many_rows_get_the_same_answer() -> Seen:
    """'A lot of equal answers, what to do?' The rows say the same: four columns of a few values each."""
    rng = np.random.default_rng(434)
    X = rng.integers(0, 4, size=(6000, 4)).astype(float)
    y = X[:, 0] * (X[:, 1] > 1) + 0.5 * X[:, 2] + rng.normal(size=6000)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 300, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    asked = ask_params(params, d, 300, evals=[(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    return Seen(rmse(y[t], p), run, asked)


class _Batches(xgb.DataIter):
    """Rows in four parts."""

    def __init__(self, X: np.ndarray, y: np.ndarray) -> None:
        self.parts, self.at = list(zip(np.array_split(X, 4), np.array_split(y, 4), strict=True)), 0
        super().__init__()

    def next(self, input_data: Any) -> bool:
        if self.at == len(self.parts):
            return False
        X, y = self.parts[self.at]
        input_data(data=X, label=y)
        self.at += 1
        return True

    def reset(self) -> None:
        self.at = 0


@healthy("dmlc/xgboost #9571", "RMSE")
def a_quantile_matrix_from_parts() -> Seen:
    """A QuantileDMatrix from an iterator gives slightly another model than a DMatrix: other cuts, as good."""
    rng = np.random.default_rng(435)
    X = rng.uniform(-2, 2, size=(4000, 6))
    y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.4 * rng.normal(size=4000)
    a, v, t = thirds(len(y))
    d = xgb.QuantileDMatrix(_Batches(X[a], y[a]), max_bin=256)
    dv = xgb.QuantileDMatrix(_Batches(X[v], y[v]), ref=d, max_bin=256)
    params = {"eta": 0.1, "max_depth": 4, "subsample": 0.8}
    m, run = xgb_run(params, d, 600, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))), run)
