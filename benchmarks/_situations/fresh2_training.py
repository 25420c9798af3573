"""The second fresh batch, rebuilt from threads nobody had read when the rules were done: metrics, starts, ranking."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .parameters import ELSEWHERE, waves
from .training import noisy
from .ways import ask_params, lgb_run, log_loss, one_minus_auc, refused, rmse, thirds, xgb_run

Array = np.ndarray
MARGIN = r"margin|init_score|offset|starting score"


@situation(
    "dmlc/xgboost #6583",
    "margins",
    measure="Poisson loss told and not true",
    cause=MARGIN,
    misleading=ELSEWHERE + "|overfit",
)
def a_margin_for_the_training_rows_only(mended: bool) -> Seen:
    """The wrapper sets base_margin for training and not for eval_set: validation is not judged like for like."""
    rng = np.random.default_rng(121)
    X = rng.normal(size=(3000, 4))
    exposure = np.exp(rng.normal(scale=1.5, size=3000) + 1)
    y = rng.poisson(exposure * np.exp(0.5 * X[:, 0] + 0.4 * X[:, 1] * X[:, 2] - 0.5))
    a, v, _ = thirds(len(y))
    e = np.log(exposure)
    d = xgb.DMatrix(X[a], y[a], base_margin=e[a])
    dv = xgb.DMatrix(X[v], y[v], base_margin=e[v] if mended else None)
    params = {"objective": "count:poisson", "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 300, [(dv, "validation_0")], early_stopping_rounds=15)
    best = m[: m.best_iteration + 1]
    true = float(best.eval(xgb.DMatrix(X[v], y[v], base_margin=e[v])).rpartition(":")[2])
    return Seen(abs(m.best_score - true), run, ask_params(params, d, 300, evals=[(dv, "validation_0")]))


@situation("lightgbm-org/LightGBM #2301", "margins", measure="RMSE", cause=MARGIN, misleading=ELSEWHERE + "|overfit")
def the_second_model_forgets_its_start(mended: bool) -> Seen:
    """A second model begins at the predictions of a first, and does worse: its own predictions lack that start."""
    X, y = waves()
    a, v, t = thirds(len(y))
    params = {"num_leaves": 7, "learning_rate": 0.05}
    first = lgb.train(params | {"verbosity": -1, "num_threads": 1}, lgb.Dataset(X[a], y[a], free_raw_data=False), 60)
    start = {} if mended else {"init_score": first.predict(X[a])}
    d = lgb.Dataset(X[a], y[a], free_raw_data=False, **start)
    more: dict[str, Any] = {"init_model": first} if mended else {}
    start = {} if mended else {"init_score": first.predict(X[v])}
    m, run = lgb_run(params, d, 60, [(d.create_valid(X[v], y[v], **start), "valid")], **more)
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 60))


@situation(
    "lightgbm-org/LightGBM #2575", "own metric", measure="log loss",
    cause=r"\braw\b|margin|sigmoid|log.?odds|not probabilit", misleading=ELSEWHERE,
)  # fmt: skip
def a_threshold_on_raw_scores(mended: bool) -> Seen:
    """An own error rate cuts at 0.5 what an own objective leaves as raw scores: the sigmoid is missing."""
    rng = np.random.default_rng(122)
    X = rng.normal(size=(2400, 6))
    y = (X[:, 0] + X[:, 1] * X[:, 2] + 1.2 * rng.normal(size=2400) > 0).astype(int)
    a, v, t = thirds(len(y))

    def objective(p: Array, d: lgb.Dataset) -> tuple[Array, Array]:
        q = 1 / (1 + np.exp(-p))
        return q - d.get_label(), q * (1 - q)

    def error(p: Array, d: lgb.Dataset) -> tuple[str, float, bool]:
        q = 1 / (1 + np.exp(-p)) if mended else p
        return "error", float(np.mean((q > 0.5) != d.get_label())), False

    d = lgb.Dataset(X[a], y[a])
    params = {"objective": objective, "metric": "None", "num_leaves": 7, "learning_rate": 0.02}
    stop = lgb.early_stopping(15, verbose=False)
    m, run = lgb_run(params, d, 300, [(d.create_valid(X[v], y[v]), "valid")], feval=error, callbacks=[stop])
    return Seen(log_loss(y[t], 1 / (1 + np.exp(-m.predict(X[t])))), run)


@situation(
    "dmlc/xgboost #4541", "early stopping: degenerate metric", measure="RMSLE",
    cause=r"rmsle|\bnan\b|not finite|not a number", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def rmsle_of_negative_predictions(mended: bool) -> Seen:
    """rmsle beside reg:squarederror is nan as soon as a prediction falls below -1, and training stops by it."""
    rng = np.random.default_rng(123)
    X = rng.normal(size=(2400, 6))
    y = np.where(X[:, 0] > 0.3, np.exp(3 + 1.5 * X[:, 1] + 0.5 * rng.normal(size=2400)), 0.0)
    a, v, t = thirds(len(y))
    change, back = (np.log1p, np.expm1) if mended else (np.asarray, np.asarray)
    d, dv = xgb.DMatrix(X[a], change(y[a])), xgb.DMatrix(X[v], change(y[v]))
    params = {"eval_metric": "rmse" if mended else "rmsle", "eta": 0.1, "max_depth": 4}
    m, run = xgb_run(params, d, 200, [(dv, "dtest")], early_stopping_rounds=20)
    p = back(m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1)))
    return Seen(rmse(np.log1p(y[t]), np.log1p(np.maximum(p, 0))), run)


@situation(
    "stats.stackexchange #421242", "few validation rows", measure="AUC told and not true",
    cause=r"(few|only|too few|\d+) rows.{0,80}(valid|decide|chance)|valid\w*.{0,80}(few|only|\d+) rows|chance|nois[ey]",
    misleading=ELSEWHERE,
)  # fmt: skip
def ninety_four_observations(mended: bool) -> Seen:
    """The AUC of the 34 validation rows lies above that of the 60 training rows; another split turns it around."""
    X, y = noisy(1600, 128)
    X = X[:, :5]
    a, v = slice(0, 60), slice(60, 660) if mended else slice(60, 94)
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "binary", "metric": "auc", "num_leaves": 4, "min_data_in_leaf": 8, "min_data_in_bin": 1}
    m, run = lgb_run(params, d, 40, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    told, true = (one_minus_auc(y[i], m.predict(X[i])) for i in (v, slice(660, 1600)))
    return Seen(abs(told - true), run)


def _queries(n: int, rows: int, seed: int, highest: int) -> tuple[Array, Array]:
    """Queries with grades from 0 to `highest`, most of them low."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n * rows, 6))
    score = X[:, 0] + 0.7 * X[:, 1] - 0.5 * X[:, 2] * X[:, 3] + 1.0 * rng.normal(size=n * rows)
    return X, np.clip(np.round((score + 3) / 6 * highest), 0, highest).astype(int)


def _swapped(scores: Array, y: Array, rows: int) -> float:
    """The share of a query's pairs that stand in the wrong order."""
    s, z = (np.asarray(x, float).reshape(-1, rows) for x in (scores, y))
    better = z[:, :, None] > z[:, None, :]
    return float(np.mean((s[:, :, None] <= s[:, None, :])[better]))


GRADES = (
    r"label_gain|gain.{0,80}(label|grade|relevance)|(label|grade|relevance).{0,80}(gain|2\^|power|mapping|too large)"
)


@situation(
    "lightgbm-org/LightGBM #2655", "grades of a ranking", measure="pairs of a query in the wrong order", cause=GRADES,
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def twenty_grades_and_a_gain_of_powers(mended: bool) -> Seen:
    """lambdarank does much worse than a regression on grades from 0 to 19: by default a grade i gains 2^i - 1."""
    X, y = _queries(240, 20, 124, 19)
    a, v, t = slice(0, 2400), slice(2400, 3600), slice(3600, 4800)
    d = lgb.Dataset(X[a], y[a], group=np.full(120, 20), free_raw_data=False)
    dv = d.create_valid(X[v], y[v], group=np.full(60, 20))
    params = {"objective": "lambdarank", "metric": "ndcg", "eval_at": [10], "num_leaves": 15, "learning_rate": 0.1}
    params |= {"label_gain": list(range(20))} if mended else {}
    m, run = lgb_run(params, d, 60, [(dv, "valid")])
    wrong = _swapped(m.predict(X[t]), y[t], 20)
    return Seen(wrong, run, ask_params(params, d, 60, evals=[(dv, "valid")]))


@situation(
    "lightgbm-org/LightGBM #4808", "grades of a ranking", measure="training is refused", asked="params",
    cause=GRADES + r"|labels?.{0,80}\b3[01]\b", misleading=ELSEWHERE,
)  # fmt: skip
def an_age_is_no_grade(mended: bool) -> Seen:
    """'Label 72 is not less than the number of label mappings (31)': what was ranked by is seen before training."""
    X, y = _queries(100, 10, 125, 4 if mended else 72)
    d = lgb.Dataset(X, y, group=np.full(100, 10), free_raw_data=False)
    params = {"objective": "lambdarank", "num_leaves": 7}
    return Seen(refused(lambda: lgb_run(params, d, 5)), params=ask_params(params, d, 50))


@situation(
    "dmlc/xgboost #227", "queries that are cut apart", measure="share of wrong pairs told and not true",
    cause=r"quer(y|ies).{0,120}(both|split|shared|cut|apart|also in|overlap)|(both|shared|overlap).{0,80}quer",
    misleading=ELSEWHERE,
)  # fmt: skip
def rows_of_a_query_in_both_sets(mended: bool) -> Seen:
    """A ranking is split by rows where it should be by queries: validation knows the queries of training."""
    rng = np.random.default_rng(127)
    taste = rng.normal(size=(150, 3))
    q = np.repeat(np.arange(150), 20)
    item = rng.normal(size=(3000, 3))
    X = np.c_[taste[q] + 0, item]
    liking = rng.normal(size=(150, 3))[q]
    y = np.digitize((liking * item).sum(1) + 0.3 * rng.normal(size=3000), [-2, -0.7, 0.7, 2])
    known = q < 100
    inside = np.arange(3000) % 20 < 14
    train = known & ((q < 70) if mended else inside)
    valid, new = known & ~train, ~known
    d, dv = (xgb.DMatrix(X[i], y[i], qid=q[i]) for i in (train, valid))
    params = {"objective": "rank:pairwise", "max_depth": 6, "eta": 0.2}
    m, run = xgb_run(params, d, 60, [(dv, "valid")])
    rows = 20 if mended else 6
    told, true = (_swapped(m.predict(xgb.DMatrix(X[i])), y[i], k) for i, k in ((valid, rows), (new, 20)))
    return Seen(true - told, run, ask_params(params, d, 60, evals=[(dv, "valid")]))
