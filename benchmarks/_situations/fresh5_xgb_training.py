"""The fifth fresh batch, XGBoost, from threads read when the kinds missed by the fourth had been mended."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb

import treedebug

from .core import Seen, situation
from .fresh4_xgb_params import MORE_ROUNDS
from .parameters import ELSEWHERE, waves
from .training import noisy
from .ways import DEFAULTS, ask_params, draw, log_loss, one_minus_auc, refused, rmse, thirds, told, xgb_run

Array = np.ndarray
OVERFITTED = r"overfit|overtrain|early_stopping|fewer rounds|best (in|at) round"


@situation(
    "dmlc/xgboost #2072", "own objective: labels", measure="1 - AUC",
    cause=r"(label|class|row)s?.{0,200}(gradient|hessian)|(gradient|hessian).{0,240}(label|class|\brows\b|\b0\b|-1)",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def an_exponential_loss_of_zeros_and_ones(mended: bool) -> Seen:
    """An own exponential loss does far worse than scikit-learn's: it is written for -1 and 1, the labels are 0, 1."""
    rng = np.random.default_rng(501)
    X = rng.normal(size=(2400, 6))
    y = draw(1.5 * X[:, 0] + X[:, 1] * X[:, 2] - 1, rng)
    a, v, t = thirds(len(y))

    def exponential(pred: Array, data: xgb.DMatrix) -> tuple[Array, Array]:
        z = data.get_label()
        z = 2 * z - 1 if mended else z
        e = np.exp(-z * np.clip(pred, -20, 20))
        return -z * e, e

    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"max_depth": 3, "eta": 0.1, "eval_metric": "auc", "base_score": 0.0}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")], obj=exponential)
    return Seen(one_minus_auc(y[t], m.predict(xgb.DMatrix(X[t]), output_margin=True)), run)


@situation(
    "dmlc/xgboost #353", "own objective: hessian", measure="RMSE", cause="hessian|curvature|second derivative",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def a_hessian_below_zero(mended: bool) -> Seen:
    """'There is something clearly wrong in this setup': the second derivatives of an own objective are -1."""
    X, y = waves()
    a, v, t = thirds(len(y))

    def own(pred: Array, data: xgb.DMatrix) -> tuple[Array, Array]:
        return pred - data.get_label(), np.full(len(pred), 1.0 if mended else -1.0)

    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run({"max_depth": 4, "eta": 0.1}, d, 60, [(d, "train"), (dv, "valid")], obj=own)
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run)


@situation(
    "dmlc/xgboost #8708", "sample weights", measure="training is refused", asked="params",
    cause=r"weight.{0,200}(group|quer)|(group|quer).{0,200}weight", misleading=ELSEWHERE,
)  # fmt: skip
def a_weight_for_each_row_of_a_ranking(mended: bool) -> Seen:
    """'Size of weights must equal to number of groups': a ranking takes a weight for each query, and gets one a row."""
    rng = np.random.default_rng(502)
    X, qid = rng.normal(size=(1000, 5)), np.arange(1000) // 30
    weight = rng.uniform(0.5, 2, qid[-1] + 1)
    d = xgb.DMatrix(X, rng.integers(0, 5, 1000), qid=qid)
    d.set_info(weight=weight if mended else weight[qid])
    params = {"objective": "rank:pairwise", "max_depth": 3, "learning_rate": 0.1}
    failed = refused(lambda: xgb.train({"nthread": 1, "verbosity": 0, **params}, d, 5))
    return Seen(failed, params=ask_params(params, d, 5))


@situation("dmlc/xgboost #8880", "overfitting", measure="RMSE", cause=OVERFITTED, misleading=ELSEWHERE)
def the_best_iteration_is_the_last(mended: bool) -> Seen:
    """best_iteration is the last one: nothing stops the training, and the list of RMSEs has its least long before."""
    X, y = waves(1600, 0.9)
    a, v, t = thirds(len(y))
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    model = xgb.XGBRegressor(
        n_estimators=500, learning_rate=0.3, max_depth=5, n_jobs=1, verbosity=0, callbacks=[callback],
        early_stopping_rounds=20 if mended else None,
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], verbose=False)
    return Seen(rmse(y[t], model.predict(X[t])), told(callback.run.findings))


@situation(
    "DataCanvasIO/HyperGBM #54", "metric of another task", measure="RMSE",
    cause=r"logloss|metric.{0,160}(amount|regression|class|probabilit)", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def house_prices_judged_by_log_loss(mended: bool) -> Seen:
    """House prices have an RMSE of 170,000, where LightGBM has 25,000: the framework has set logloss as the metric."""
    X, z = waves()
    y = 180000 + 60000 * z
    a, v, t = thirds(len(y))
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    model = xgb.XGBRegressor(
        n_estimators=500, learning_rate=0.1, max_depth=5, n_jobs=1, verbosity=0, callbacks=[callback],
        early_stopping_rounds=10, eval_metric="rmse" if mended else "logloss",
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], verbose=False)
    return Seen(rmse(y[t], model.predict(X[t])), told(callback.run.findings))


@situation("dmlc/xgboost #7415", "overfitting", measure="log loss", cause=OVERFITTED, misleading=ELSEWHERE)
def the_defaults_on_a_small_table(mended: bool) -> Seen:
    """'How were the default values selected? There is the problem of overfitting': eta=0.3, depth 6, 200 rounds."""
    X, y = noisy(1200, 503)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params: dict[str, Any] = {"objective": "binary:logistic"} | ({"eta": 0.05, "max_depth": 3} if mended else {})
    rounds = 60 if mended else 200
    m, run = xgb_run(params, d, rounds, [(d, "train"), (dv, "valid")])
    asked = ask_params(params, d, rounds, evals=[(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, asked)


@situation(
    "dmlc/xgboost #4186", "early stopping: patience", measure="log loss",
    cause=r"\berror\b.{0,240}(rows|hits|coarse|stand|equal|few|steps|count)|patience",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def the_error_of_sixty_rows_decides(mended: bool) -> Seen:
    """'early_stopping_rounds is not obeyed, it stops prematurely': by the error of few rows, with a patience of 5."""
    X, y = noisy(2400, 504)
    a, v, t = slice(0, 1200), slice(1200, 1260), slice(1260, 2400)
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params: dict[str, Any] = {"objective": "binary:logistic", "eta": 0.02, "max_depth": 3}
    params |= {"eval_metric": "logloss" if mended else "error"}
    m, run = xgb_run(params, d, 400, [(d, "train"), (dv, "valid")], early_stopping_rounds=40 if mended else 5)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(log_loss(y[t], p), run)


@situation(
    "dmlc/xgboost #4576", "parameters that do nothing", measure="seconds", cause=r"rate_drop|one_drop|\bdart\b",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def dart_that_drops_nothing(mended: bool) -> Seen:
    """booster=dart from a search, and no rate_drop: no tree is ever dropped, and each round sums all trees anew."""
    X, y = noisy(3000, 505)
    a, v, _ = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "booster": "gbtree" if mended else "dart", "max_depth": 2}
    params |= {"learning_rate": 0.1, "colsample_bytree": 0.5, "subsample": 0.6, "min_child_weight": 2}
    began = time.perf_counter()
    xgb.train({"nthread": 1, "verbosity": 0, **params}, d, 150, evals=[(dv, "valid")], verbose_eval=False)
    seconds = time.perf_counter() - began
    _, run = xgb_run(params, d, 150, [(dv, "valid")])
    return Seen(seconds, run, ask_params(params, d, 150, evals=[(dv, "valid")]))


@situation(
    "alteryx/evalml #3988", "categories", measure="log loss",
    cause=r"categor.{0,240}(few rows|rows each|rows a|rows per|partition|high card|distinct|thin)|max_cat",
    misleading=ELSEWHERE,
)  # fmt: skip
def partitions_of_three_hundred_codes(mended: bool) -> Seen:
    """enable_categorical with max_cat_to_onehot=1: three hundred codes that mean nothing are sorted by their labels."""
    rng = np.random.default_rng(506)
    n = 4000
    code = rng.integers(0, 300, n)
    X = rng.normal(size=(n, 4))
    y = draw(X[:, 0] + X[:, 1] * X[:, 2], rng)
    kind = code if mended else pd.Categorical(code)
    table = pd.DataFrame(X, columns=list("abcd")).assign(shop=kind)
    a, v, t = thirds(n)
    d, dv, dt = (xgb.DMatrix(table.iloc[i], y[i], enable_categorical=True) for i in (a, v, t))
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 4, "tree_method": "hist", "max_cat_to_onehot": 1}
    m, run = xgb_run(params, d, 80, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(dt)), run, ask_params(params, d, 80, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #4712", "raw scores as probabilities", measure="log loss", cause="hinge",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def a_hinge_that_stands_still(mended: bool) -> Seen:
    """binary:hinge with max_depth=1: auc stays at 0.5, logloss at 10.6 and error at 0.29, in all rounds."""
    rng = np.random.default_rng(507)
    X = rng.normal(size=(3000, 6))
    y = draw(0.9 * X[:, 0] + 0.5 * X[:, 1] - 1.1, rng)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic" if mended else "binary:hinge", "max_depth": 1, "eta": 0.1}
    params |= {"eval_metric": ["auc", "logloss", "error"]}
    m, run = xgb_run(params, d, 80, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 80, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #842", "resampled rows", measure="log loss",
    cause=r"(share|positive|class|label).{0,240}(train|valid).{0,240}(share|%|prior|spread|weigh|other)|"
    r"resampl|downsampl|undersampl|mean probability",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def non_events_are_sampled_down(mended: bool) -> Seen:
    """Of the non-events one in ten was kept, and nothing says so: their weight of 10 is not given to the training."""
    rng = np.random.default_rng(508)
    X = rng.normal(size=(16000, 6))
    y = draw(1.2 * X[:, 0] + X[:, 1] * X[:, 2] - 3.4, rng)
    a, v, t = thirds(len(y))
    kept = np.flatnonzero((y[a] == 1) | (rng.random(len(y[a])) < 0.1))
    weight = np.where(y[kept] == 1, 1.0, 10.0) if mended else None
    d, dv = xgb.DMatrix(X[kept], y[kept], weight=weight), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 60, evals=[(dv, "valid")]))


@situation("dmlc/xgboost #4583", "underfitting", measure="log loss", cause=MORE_ROUNDS, misleading=ELSEWHERE)
def ten_rounds_from_a_tutorial(mended: bool) -> Seen:
    """The tutorial's reg:logistic with alpha=10 and ten rounds at 0.1: the probabilities have hardly moved."""
    rng = np.random.default_rng(509)
    X = rng.normal(size=(6000, 8))
    y = draw(1.6 * X[:, 0] + 1.2 * X[:, 1] * X[:, 2] + np.abs(X[:, 3]), rng)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "reg:logistic", "colsample_bytree": 0.3, "learning_rate": 0.1, "max_depth": 8, "alpha": 10}
    params |= {"eval_metric": "logloss"}
    rounds = 150 if mended else 10
    m, run = xgb_run(params, d, rounds, [(d, "train"), (dv, "valid")])
    asked = ask_params(params, d, rounds, evals=[(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, asked)
