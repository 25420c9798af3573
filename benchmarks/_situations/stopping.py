"""Early stopping that goes by the wrong set, the wrong metric or the wrong direction, or in the wrong mode."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from sklearn.metrics import roc_auc_score

from .core import Seen, situation
from .ways import ask_params, draw, lgb_run, log_loss, one_minus_auc, rmse, thirds, xgb_run

FEWER = r"overfit|try max_depth=|try num_leaves=|try num_boost_round=[12]\b|try num_iterations=[12]\b|try drop="
"""Proposals that cut the training further, or look for the fault in the trees."""


def _classes(n: int = 3000, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, 6))
    return X, draw(1.2 * X[:, 0] - X[:, 1] + X[:, 2] * X[:, 3] - shift, rng)


BINARY = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 4}


@situation(
    "dmlc/xgboost #519", "early stopping: which set", measure="log loss",
    cause=r"(stop|last).{0,80}train|train.{0,80}(stop|last (set|of evals))", misleading=r"try drop=|try num_leaves=",
)
def training_data_last_in_evals(mended: bool) -> Seen:
    """evals is [(valid, 'eval'), (train, 'train')]: XGBoost stops by the last set, and so never."""
    X, y = _classes()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    sets = [(dv, "eval"), (d, "train")]
    m, run = xgb_run(BINARY, d, 400, sets[::-1] if mended else sets, early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(log_loss(y[t], p), run)


DIRECTION = r"direction|maximi[sz]|minimi[sz]|(higher|greater|larger|more|smaller|lower|less) is better|is_higher_better"


@situation(
    "dmlc/xgboost #1226", "early stopping: direction", measure="1 - AUC", cause=DIRECTION, misleading=FEWER,
)
def auc_is_minimized(mended: bool) -> Seen:
    """AUC still rises, and training stops in round 6: the best round is taken to be the one with the least AUC."""
    X, y = _classes()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(
        BINARY | {"eval_metric": "auc"}, d, 200, [(d, "train"), (dv, "eval")],
        early_stopping_rounds=5, maximize=mended,
    )
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run)


def _gini(p: np.ndarray, d: Any) -> float:
    return 2 * float(roc_auc_score(d.get_label(), p)) - 1


@situation(
    "dmlc/xgboost #1450", "early stopping: direction", measure="1 - AUC", cause=DIRECTION, misleading=FEWER,
)
def own_metric_with_an_unknown_direction(mended: bool) -> Seen:
    """XGBoost guesses the direction of an own metric by its name, whatever it measures: a Gini is minimized."""
    X, y = _classes()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(
        BINARY | {"disable_default_eval_metric": 1}, d, 200, [(d, "train"), (dv, "eval")],
        custom_metric=lambda p, d: ("gini", _gini(p, d)), early_stopping_rounds=10, maximize=True if mended else None,
    )
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run)


@situation(
    "lightgbm-org/LightGBM #3029", "early stopping: direction", measure="1 - AUC", cause=DIRECTION, misleading=FEWER,
)
def own_metric_says_lower_is_better(mended: bool) -> Seen:
    """An own metric returns is_higher_better=False with a gain: early stopping keeps the worst round."""
    X, y = _classes()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a])
    m, run = lgb_run(
        {"objective": "binary", "metric": "None"}, d, 200, [(d.create_valid(X[v], y[v]), "valid")],
        feval=lambda p, d: ("gini", _gini(p, d), mended), callbacks=[lgb.early_stopping(10, verbose=False)],
    )
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run)


@situation(
    "lightgbm-org/LightGBM #1332", "early stopping: which metric", measure="1 - AUC",
    cause=r"any (of the )?metric|first_metric_only|(stop|best round).{0,80}(by|another|other) .{0,40}(logloss|metric)|two metrics|metrics? (dis|contra)",
    misleading=r"try drop=|try num_leaves=|try learning_rate=",
)
def stopped_by_a_metric_nobody_watches(mended: bool) -> Seen:
    """AUC is wanted and still rises; early stopping goes by every metric, and the first that stalls, an error, ends it."""
    X, y = _classes(4000, shift=2.5)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a])
    m, run = lgb_run(
        {"objective": "binary", "learning_rate": 0.03, "num_leaves": 7, "metric": ["auc", "binary_error"]},
        d, 400, [(d.create_valid(X[v], y[v]), "valid")],
        callbacks=[lgb.early_stopping(20, first_metric_only=mended, verbose=False)],
    )
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run)


ONE_CLASS = r"one class|single class|both classes|only (class|label)|constant label|same label|at its bound|from the (start|first)|perfect from|1 (in|from) (every|the first)"


@situation(
    "lightgbm-org/LightGBM #1757", "early stopping: degenerate set", measure="1 - AUC", cause=ONE_CLASS,
    misleading=FEWER,
)
def many_sets_with_an_auc_of_one(mended: bool) -> Seen:
    """Of 14 validation sets 13 have an AUC of 1 from the first round: they hold one class, and end the training."""
    X, y = _classes()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a])
    negatives = np.flatnonzero(y[v] == 0)
    sets = [(d.create_valid(X[v], y[v]), "all")]
    if not mended:
        parts = [(d.create_valid(X[v][i], y[v][i]), f"shop_{k}") for k, i in enumerate(np.array_split(negatives, 3))]
        sets = [*parts, *sets]
    m, run = lgb_run(
        {"objective": "binary", "metric": "auc"}, d, 200, sets, callbacks=[lgb.early_stopping(5, verbose=False)]
    )
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run)


@situation(
    "dotnet/machinelearning #4713", "early stopping: degenerate set", measure="1 - AUC", cause=ONE_CLASS,
    misleading=FEWER,
)
def validation_set_of_one_class(mended: bool) -> Seen:
    """The evaluation data has one class only, where AUC is not defined; the training stops by it all the same."""
    X, y = _classes()
    a, v, t = thirds(len(y))
    keep = np.arange(v.start, v.stop)
    keep = keep if mended else keep[y[v] == 0]
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[keep], y[keep])
    m, run = xgb_run(
        BINARY | {"eval_metric": "auc"}, d, 200, [(d, "train"), (dv, "valid")], early_stopping_rounds=10
    )
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run)


@situation(
    "dmlc/xgboost #1692", "early stopping: degenerate metric", measure="1 - AUC",
    cause=r"\berror\b.{0,90}(rare|share|majority|always|class|move|change|flat)|imbalance|rare class|never (called|predicted)|\bauc\b",
    misleading=FEWER,
)
def error_rate_of_a_rare_class(mended: bool) -> Seen:
    """test-error stands at the share of the rare class from the first round, whatever is tuned: error cannot see it."""
    X, y = _classes(6000, shift=5.2)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(
        BINARY | {"eval_metric": "auc" if mended else "error"}, d, 200, [(d, "train"), (dv, "valid")],
        early_stopping_rounds=20,
    )
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run)


@situation(
    "lightgbm-org/LightGBM #1893", "early stopping: dart", measure="log loss",
    cause=r"dart.{0,120}(early|stop)|(early|stop).{0,120}dart", misleading=r"try drop=|try num_leaves=",
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
    "lightgbm-org/LightGBM #1913", "early stopping: weighted training", measure="1 - AUC",
    cause=r"is_unbalance|weight", misleading=FEWER,
)
def is_unbalance_stops_in_the_first_round(mended: bool) -> Seen:
    """With is_unbalance the loss is least in round 1 and rises: early stopping keeps one tree."""
    X, y = _classes(6000, shift=3.2)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    params = {"objective": "binary", "is_unbalance": not mended}
    m, run = lgb_run(params, d, 300, [(dv, "valid")], callbacks=[lgb.early_stopping(30, verbose=False)])
    asked = ask_params(params, d, 300, early_stopping_rounds=30, evals=[(dv, "valid")])
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run, asked)


@situation(
    "dmlc/xgboost #1804", "early stopping: weighted training", measure="1 - AUC", cause=r"weight", misleading=FEWER,
)
def weights_in_training_and_not_in_validation(mended: bool) -> Seen:
    """Sample weights go into fit and never reach eval_set: training is judged by another loss than it has."""
    X, y = _classes(6000, shift=3.2)
    a, v, t = thirds(len(y))
    w = np.where(y == 1, (y == 0).sum() / y.sum(), 1.0)
    d = xgb.DMatrix(X[a], y[a], weight=w[a])
    dv = xgb.DMatrix(X[v], y[v], weight=w[v] if mended else None)
    m, run = xgb_run(BINARY, d, 300, [(dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run)


@situation(
    "lightgbm-org/LightGBM #4791", "early stopping: late discovery", measure="log loss",
    cause=r"patience|early_stopping|stopping_rounds|too early|beat its earlier|few(er)? rounds than|second|noisy|by chance",
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
        {"objective": "binary", "learning_rate": 0.02, "num_leaves": 7, "metric": "None"}, d, 400,
        [(d.create_valid(X[v], y[v]), "valid")],
        feval=lambda p, d: ("hits", float(np.mean((p > 0.5) == d.get_label())), True),
        callbacks=[lgb.early_stopping(200 if mended else 10, verbose=False)],
    )
    return Seen(log_loss(y[t], m.predict(X[t])), run)


@situation(
    "lightgbm-org/LightGBM #2371", "early stopping: tiny set", measure="log loss",
    cause=r"(40|few|small|little|tiny|too).{0,40}rows|rows.{0,40}(few|small|little)|noisy|by chance|matter of chance",
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


@situation(
    "sql-machine-learning/sqlflow #1875", "early stopping: which set", measure="log loss",
    cause=r"(valid|set).{0,80}(same|equal|copy|is|are) .{0,40}train|train.{0,60}(curve|rows|data).{0,40}valid|overlap",
    misleading=r"try drop=|try num_leaves=",
)
def validation_set_is_the_training_set(mended: bool) -> Seen:
    """The evaluation of the validation set equals that of the training set in every round: it is the same data."""
    X, y = _classes()
    a, v, t = thirds(len(y))
    v = v if mended else a
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(BINARY, d, 300, [(d, "train"), (dv, "validate")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(log_loss(y[t], p), run)
