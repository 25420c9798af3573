"""The second fresh batch: trainings about which someone worried in public, and in which nothing is wrong."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

from .core import Seen, healthy
from .parameters import waves
from .ways import ask_params, ask_table, draw, lgb_run, log_loss, one_minus_auc, rmse, thirds, xgb_run

Array = np.ndarray


def _classes(n: int, seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 8))
    return X, draw(1.2 * X[:, 0] + X[:, 1] * X[:, 2] - 0.8 * np.abs(X[:, 3]) + 0.5 * X[:, 4], rng)


@healthy("stats.stackexchange #220807", "1 - AUC")
def far_better_in_training_and_best_on_the_holdout() -> Seen:
    """96 % AUC in training and 76 % on the holdout beats 70 % and 70 %: the gap alone says nothing against it."""
    X, y = _classes(4000, 131)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eval_metric": "auc", "eta": 0.05, "max_depth": 5, "subsample": 0.7}
    m, run = xgb_run(params, d, 600, [(d, "train"), (dv, "valid")], early_stopping_rounds=30)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(
        one_minus_auc(y[t], p), run, ask_params(params, d, 600, evals=[(dv, "valid")], early_stopping_rounds=30)
    )


@healthy("stats.stackexchange #658909", "1 - AUC")
def the_gap_widens_while_validation_gains() -> Seen:
    """Was it right to search for the best validation AUC? The gap to training widens, and validation still gains."""
    X, y = _classes(5000, 132)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    params = {"objective": "binary", "metric": "auc", "num_leaves": 15, "learning_rate": 0.03, "lambda_l2": 5}
    stop = lgb.early_stopping(40, verbose=False)
    m, run = lgb_run(params, d, 1000, [(d, "train"), (dv, "valid")], callbacks=[stop])
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run)


@healthy("elastic/ember #36", "log loss")
def no_further_splits_in_many_rounds() -> Seen:
    """'No further splits with positive gain' comes hundreds of times, and the model trains as it should."""
    X, y = _classes(5000, 133)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "binary", "num_leaves": 64, "min_data_in_leaf": 80, "learning_rate": 0.03}
    stop = lgb.early_stopping(30, verbose=False)
    m, run = lgb_run(params, d, 600, [(d.create_valid(X[v], y[v]), "valid")], callbacks=[stop])
    return Seen(log_loss(y[t], m.predict(X[t])), run)


@healthy("lightgbm-org/LightGBM #6295", "not measured")
def scores_of_a_ranking_below_zero() -> Seen:
    """The predictions of a ranker are negative: only their order means anything."""
    rng = np.random.default_rng(134)
    X = rng.normal(size=(3600, 6))
    y = (X[:, 0] + 0.8 * X[:, 1] * X[:, 2] + rng.normal(size=3600) > 0.8).astype(int)
    d = lgb.Dataset(X[:2400], y[:2400], group=np.full(200, 12), free_raw_data=False)
    dv = d.create_valid(X[2400:], y[2400:], group=np.full(100, 12))
    params = {"objective": "lambdarank", "metric": "ndcg", "eval_at": [5], "num_leaves": 7, "learning_rate": 0.05}
    _, run = lgb_run(params, d, 400, [(dv, "valid")], callbacks=[lgb.early_stopping(40, verbose=False)])
    return Seen(0.0, run, ask_params(params, d, 400, evals=[(dv, "valid")], early_stopping_rounds=40))


@healthy("lightgbm-org/LightGBM #4470", "RMSE")
def validated_on_what_comes_later() -> Seen:
    """TimeSeriesSplit without shuffling: training ends before validation begins, and the series is stationary."""
    rng = np.random.default_rng(135)
    n = 3000
    when = pd.date_range("2021-01-01", periods=n, freq="h")
    frame = pd.DataFrame({"hour": when.hour, "weekday": when.dayofweek, "price": rng.normal(size=n)})
    y = 20 + 4 * np.sin(2 * np.pi * frame.hour / 24) - 2 * (frame.weekday > 4) - 1.5 * frame.price + rng.normal(size=n)
    y = y.to_numpy()
    a, v, t = thirds(n)
    d = lgb.Dataset(frame.iloc[a], y[a], free_raw_data=False)
    dv = d.create_valid(frame.iloc[v], y[v])
    params = {"num_leaves": 7, "learning_rate": 0.05}
    m, run = lgb_run(params, d, 600, [(dv, "valid")], callbacks=[lgb.early_stopping(30, verbose=False)])
    timed = frame.assign(when=when)
    asked = ask_table(timed.iloc[a], y[a], valid=(timed.iloc[v], y[v]), time="when")
    return Seen(rmse(y[t], m.predict(frame.iloc[t])), run, table=asked)


@healthy("dmlc/xgboost #3191", "log loss")
def one_hot_columns_that_split_at_two() -> Seen:
    """Splits of one-hot columns look useless and are not: what is 0, 1 or missing goes its way."""
    rng = np.random.default_rng(136)
    n = 4000
    code = rng.integers(0, 6, n)
    frame = pd.get_dummies(pd.Series(code).map(lambda c: f"kind_{c}")).astype(float)
    frame = frame.assign(age=rng.uniform(18, 80, n), income=rng.normal(size=n))
    effect = np.array([-1, -0.5, 0.2, 0.5, 1, 0])
    y = draw(effect[code] + 0.03 * (frame.age - 50) + 0.6 * frame.income, rng)
    a, v, t = thirds(n)
    d, dv = xgb.DMatrix(frame.iloc[a], y[a]), xgb.DMatrix(frame.iloc[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 400, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(frame.iloc[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(log_loss(y[t], p), run, table=ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v], y[v])))


@healthy("lightgbm-org/LightGBM #2698", "RMSE")
def a_rate_that_decays() -> Seen:
    """The learning rate decays from round to round by a callback, as the maintainers show it, with early stopping."""
    X, y = waves()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    decay = lgb.reset_parameter(learning_rate=lambda i: 0.2 * 0.98**i)
    stop = lgb.early_stopping(40, verbose=False)
    params = {"num_leaves": 15}
    m, run = lgb_run(params, d, 200, [(d.create_valid(X[v], y[v]), "valid")], callbacks=[decay, stop])
    return Seen(rmse(y[t], m.predict(X[t])), run)


@healthy("lightgbm-org/LightGBM #2004", "pinball loss at 0.9")
def a_quantile_that_is_not_always_above() -> Seen:
    """Some predictions of the mean lie outside the predicted quantiles: those are estimates, and promise no more."""
    rng = np.random.default_rng(137)
    X = rng.uniform(-2, 2, size=(5000, 4))
    y = np.sin(2 * X[:, 0]) + X[:, 1] + (0.5 + 0.3 * X[:, 2]) * rng.normal(size=5000)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    params = {"objective": "quantile", "alpha": 0.9, "metric": "quantile", "num_leaves": 7, "learning_rate": 0.05}
    m, run = lgb_run(params, d, 800, [(dv, "valid")], callbacks=[lgb.early_stopping(30, verbose=False)])
    away = y[t] - m.predict(X[t])
    loss = float(np.mean(np.maximum(0.9 * away, -0.1 * away)))
    return Seen(loss, run, ask_params(params, d, 800, evals=[(dv, "valid")], early_stopping_rounds=30))
