"""Early stopping that goes by the wrong set, the wrong metric or the wrong direction, or in the wrong mode."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from sklearn.metrics import roc_auc_score

from .core import Seen, situation
from .ways import draw, lgb_run, log_loss, one_minus_auc, thirds, xgb_run

FEWER = r"overfit|try max_depth=|try num_leaves=|try num_boost_round=[12]\b|try num_iterations=[12]\b|try drop="
"""Proposals that cut the training further, or look for the fault in the trees."""


def classes(n: int = 3000, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, 6))
    return X, draw(1.2 * X[:, 0] - X[:, 1] + X[:, 2] * X[:, 3] - shift, rng)


BINARY = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 4}


@situation(
    "dmlc/xgboost #519",
    "early stopping: which set",
    measure="log loss",
    cause=r"(stop|last).{0,80}train|train.{0,80}(stop|last (set|of evals))",
    misleading=r"try drop=|try num_leaves=",
)
def training_data_last_in_evals(mended: bool) -> Seen:
    """evals is [(valid, 'eval'), (train, 'train')]: XGBoost stops by the last set, and so never."""
    X, y = classes()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    sets = [(dv, "eval"), (d, "train")]
    m, run = xgb_run(BINARY, d, 400, sets[::-1] if mended else sets, early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(log_loss(y[t], p), run)


DIRECTION = (
    r"direction|maximi[sz]|minimi[sz]|(higher|greater|larger|more|smaller|lower|less) is better|is_higher_better"
)


@situation(
    "dmlc/xgboost #1226",
    "early stopping: direction",
    measure="1 - AUC",
    cause=DIRECTION,
    misleading=FEWER,
)
def auc_is_minimized(mended: bool) -> Seen:
    """AUC still rises, and training stops in round 6: the best round is taken to be the one with the least AUC."""
    X, y = classes()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(
        BINARY | {"eval_metric": "auc"},
        d,
        200,
        [(d, "train"), (dv, "eval")],
        early_stopping_rounds=5,
        maximize=mended,
    )
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run)


def _gini(p: np.ndarray, d: Any) -> float:
    return 2 * float(roc_auc_score(d.get_label(), p)) - 1


@situation(
    "dmlc/xgboost #1450",
    "early stopping: direction",
    measure="1 - AUC",
    cause=DIRECTION,
    misleading=FEWER,
)
def own_metric_with_an_unknown_direction(mended: bool) -> Seen:
    """XGBoost guesses the direction of an own metric by its name, whatever it measures: a Gini is minimized."""
    X, y = classes()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(
        BINARY | {"disable_default_eval_metric": 1},
        d,
        200,
        [(d, "train"), (dv, "eval")],
        custom_metric=lambda p, d: ("gini", _gini(p, d)),
        early_stopping_rounds=10,
        maximize=True if mended else None,
    )
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run)


@situation(
    "lightgbm-org/LightGBM #3029",
    "early stopping: direction",
    measure="1 - AUC",
    cause=DIRECTION,
    misleading=FEWER,
)
def own_metric_says_lower_is_better(mended: bool) -> Seen:
    """An own metric returns is_higher_better=False with a gain: early stopping keeps the worst round."""
    X, y = classes()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a])
    m, run = lgb_run(
        {"objective": "binary", "metric": "None"},
        d,
        200,
        [(d.create_valid(X[v], y[v]), "valid")],
        feval=lambda p, d: ("gini", _gini(p, d), mended),
        callbacks=[lgb.early_stopping(10, verbose=False)],
    )
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run)


@situation(
    "lightgbm-org/LightGBM #1332",
    "early stopping: which metric",
    measure="1 - AUC",
    cause=(
        r"any (of the )?metric|first_metric_only|(stop|best round).{0,80}(by|another|"
        r"other) .{0,40}(logloss|metric)|two metrics|metrics? (dis|contra)"
    ),
    misleading=r"try drop=|try num_leaves=|try learning_rate=",
)
def stopped_by_a_metric_nobody_watches(mended: bool) -> Seen:
    """AUC still rises; early stopping goes by every metric, and the first that stalls, an error rate, ends it."""
    X, y = classes(4000, shift=2.5)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a])
    m, run = lgb_run(
        {"objective": "binary", "learning_rate": 0.03, "num_leaves": 7, "metric": ["auc", "binary_error"]},
        d,
        400,
        [(d.create_valid(X[v], y[v]), "valid")],
        callbacks=[lgb.early_stopping(20, first_metric_only=mended, verbose=False)],
    )
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run)


ONE_CLASS = (
    r"one class|single class|both classes|only (class|label)|constant label|same label|"
    r"at its bound|from the (start|first)|perfect from|1 (in|from) (every|the first)"
)


@situation(
    "lightgbm-org/LightGBM #1757",
    "early stopping: degenerate set",
    measure="1 - AUC",
    cause=ONE_CLASS,
    misleading=FEWER,
)
def many_sets_with_an_auc_of_one(mended: bool) -> Seen:
    """Of 14 validation sets 13 have an AUC of 1 from the first round: they hold one class, and end the training."""
    X, y = classes()
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
    "dmlc/xgboost #505",
    "early stopping: degenerate set",
    measure="1 - AUC",
    cause=ONE_CLASS,
    misleading=FEWER,
)
def validation_set_of_one_class(mended: bool) -> Seen:
    """'AUC: the dataset only contains pos or neg samples': an error then, nan now, and training stops by it."""
    X, y = classes()
    a, v, t = thirds(len(y))
    keep = np.arange(v.start, v.stop)
    keep = keep if mended else keep[y[v] == 0]
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[keep], y[keep])
    m, run = xgb_run(BINARY | {"eval_metric": "auc"}, d, 200, [(d, "train"), (dv, "valid")], early_stopping_rounds=10)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run)


@situation(
    "dmlc/xgboost #1692",
    "early stopping: degenerate metric",
    measure="1 - AUC",
    cause=(
        r"\berror\b.{0,90}(rare|share|majority|always|class|move|change|flat)|imbalance|rare class|"
        r"never (called|predicted)"
    ),
    misleading=FEWER,
)
def error_rate_of_a_rare_class(mended: bool) -> Seen:
    """test-error stands at the share of the rare class from the first round, whatever is tuned: error cannot see it."""
    X, y = classes(6000, shift=5.2)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(
        BINARY | {"eval_metric": "auc" if mended else "error"},
        d,
        200,
        [(d, "train"), (dv, "valid")],
        early_stopping_rounds=20,
    )
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[t], p), run)


@situation(
    "sql-machine-learning/sqlflow #1875",
    "early stopping: which set",
    measure="log loss",
    cause=r"(valid|set).{0,80}(same|equal|copy|is|are) .{0,40}train|train.{0,60}(curve|rows|data).{0,40}valid|overlap",
    misleading=r"try drop=|try num_leaves=",
)
def validation_set_is_the_training_set(mended: bool) -> Seen:
    """The evaluation of the validation set equals that of the training set in every round: it is the same data."""
    X, y = classes()
    a, v, t = thirds(len(y))
    v = v if mended else a
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run(BINARY, d, 300, [(d, "train"), (dv, "validate")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(log_loss(y[t], p), run)
