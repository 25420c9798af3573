"""The fourth fresh batch, of LightGBM: own objectives and metrics, starting scores, and what decides early stopping."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np

import treedebug

from .core import Seen, situation
from .parameters import ELSEWHERE
from .training import noisy
from .ways import (
    DEFAULTS,
    ask_params,
    draw,
    lgb_run,
    log_loss,
    mae,
    multi_error,
    one_minus_auc,
    rmse,
    thirds,
    told,
)

Array = np.ndarray
RAW = r"(raw|margin|log.?odds|untransformed|sigmoid|link)"
PROBABILITY = r"(probabilit|sigmoid|log.?odds|between 0 and 1|0 to 1|outside)"


def sigmoid(raw: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-raw)))


@situation(
    "lightgbm-org/LightGBM #6389", "own objective: no link", measure="log loss",
    cause=rf"(objective|gradient).{{0,240}}{RAW}|{RAW}.{{0,200}}(objective|gradient)",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def a_focal_loss_of_raw_scores(mended: bool) -> Seen:
    """An own focal loss takes the scores for probabilities and clips them: no sigmoid, and negative probabilities."""
    X, y = noisy(3000, 201)
    a, v, t = thirds(len(y))

    def focal(scores: Array, data: lgb.Dataset) -> tuple[Array, Array]:
        label = data.get_label()
        p = np.clip(sigmoid(scores) if mended else scores, 1e-6, 1 - 1e-6)
        slope = p * (1 - p) if mended else 1.0
        by_p = np.where(
            label == 1,
            (1 - p) * (2 * np.log(p) - (1 - p) / p),
            p * (p / (1 - p) - 2 * np.log(1 - p)),
        )
        return by_p * slope, np.maximum(p * (1 - p), 1e-3)

    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": focal, "metric": "auc", "num_leaves": 7, "learning_rate": 0.05}
    m, run = lgb_run(params, d, 80, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    scores = m.predict(X[t])
    return Seen(log_loss(y[t], sigmoid(scores) if mended else scores), run)


@situation(
    "lightgbm-org/LightGBM #6649", "own objective: order of classes", measure="error rate",
    cause=r"(gradient|objective).{0,240}(order|flat|shape|rows? by|by (row|class)|column|transpos|belong|another class|"
    r"class after class)",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def gradients_that_go_to_other_classes(mended: bool) -> Seen:
    """An own multiclass objective is much worse than the built-in one: its gradients are flattened row by row."""
    rng = np.random.default_rng(202)
    X = rng.normal(size=(3000, 6))
    y = np.argmax(X[:, :3] + 0.5 * rng.normal(size=(3000, 3)), axis=1)
    a, v, t = thirds(len(y))

    def softmax_loss(scores: Array, data: lgb.Dataset) -> tuple[Array, Array]:
        label = data.get_label().astype(int)
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        g, h = p - np.eye(3)[label], 2 * p * (1 - p)
        return (g, h) if mended else (g.ravel(), h.ravel())

    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": softmax_loss, "num_class": 3, "metric": "multi_logloss", "num_leaves": 7}
    m, run = lgb_run(params, d, 50, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    return Seen(multi_error(y[t], m.predict(X[t])), run)


@situation(
    "lightgbm-org/LightGBM #1230", "own metric", measure="log loss",
    cause=rf"metric.{{0,240}}{RAW}|{RAW}.{{0,200}}metric", misleading=ELSEWHERE,
)  # fmt: skip
def an_own_metric_of_raw_scores(mended: bool) -> Seen:
    """With an own objective the own metric is given raw scores, and clips them to probabilities: it stops too early."""
    X, y = noisy(3000, 203)
    a, v, t = thirds(len(y))

    def logistic(scores: Array, data: lgb.Dataset) -> tuple[Array, Array]:
        p = sigmoid(scores)
        return p - data.get_label(), p * (1 - p)

    def loss(scores: Array, data: lgb.Dataset) -> tuple[str, float, bool]:
        return "myloss", log_loss(data.get_label(), sigmoid(scores) if mended else scores), False

    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": logistic, "metric": "none", "num_leaves": 7, "learning_rate": 0.05}
    stop = lgb.early_stopping(20, verbose=False)
    m, run = lgb_run(params, d, 500, [(d.create_valid(X[v], y[v]), "valid")], feval=loss, callbacks=[stop])
    return Seen(log_loss(y[t], sigmoid(m.predict(X[t]))), run)


@situation(
    "lightgbm-org/LightGBM #2897", "early stopping: which metric", measure="1 - AUC",
    cause=r"first_metric_only|(binary_logloss|log ?loss|objective's own).{0,200}(decid|stop|watched|first|both|too)|"
    r"metric=?['\": ]+none",
    misleading=ELSEWHERE,
)  # fmt: skip
def the_own_metric_comes_second(mended: bool) -> Seen:
    """LGBMClassifier(first_metric_only=True) with an own metric for fit: the log loss is first, and decides."""
    rng = np.random.default_rng(204)
    X = rng.normal(size=(6000, 8))
    y = draw(0.9 * X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * X[:, 3] - 2.5, rng)
    a, v, t = thirds(len(y))

    def ranked(label: Array, p: Array) -> tuple[str, float, bool]:
        return "custom_metric", 1 - one_minus_auc(label, p), True

    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    none: dict[str, Any] = {"metric": "None"} if mended else {}
    model = lgb.LGBMClassifier(
        n_estimators=600, learning_rate=0.15, num_leaves=15, first_metric_only=True, n_jobs=1, verbosity=-1,
        class_weight={0: 1, 1: 12}, **none,
    )  # fmt: skip
    stop = lgb.early_stopping(10, first_metric_only=True, verbose=False)
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], eval_metric=ranked, callbacks=[stop, callback])
    return Seen(one_minus_auc(y[t], model.predict_proba(X[t])[:, 1]), told(callback.run.findings))


@situation(
    "lightgbm-org/LightGBM #1639", "class weights", measure="1 - AUC",
    cause=r"class_weight|weight.{0,200}(valid|metric|judg|eval)|eval_class_weight", misleading=ELSEWHERE,
)  # fmt: skip
def the_classifier_weighs_and_the_metric_does_not(mended: bool) -> Seen:
    """LGBMClassifier(class_weight='balanced') with early stopping: eval_class_weight is not given, and it stops."""
    rng = np.random.default_rng(205)
    X = rng.normal(size=(6000, 8))
    y = draw(X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * X[:, 3] - 3.3, rng)
    a, v, t = thirds(len(y))
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    model = lgb.LGBMClassifier(
        n_estimators=600, learning_rate=0.05, num_leaves=7, class_weight="balanced", n_jobs=1, verbosity=-1
    )
    stop = lgb.early_stopping(20, verbose=False)
    weights = {"eval_class_weight": ["balanced"]} if mended else {}
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], callbacks=[stop, callback], **weights)
    return Seen(one_minus_auc(y[t], model.predict_proba(X[t])[:, 1]), told(callback.run.findings))


@situation(
    "lightgbm-org/LightGBM #1778", "starting scores", measure="Poisson loss",
    cause=r"init_score|starting score|base margin|offset", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def the_exposure_is_in_the_training_data_alone(mended: bool) -> Seen:
    """log(exposure) is the init_score of the training data; the validation data have none, and predict adds none."""
    rng = np.random.default_rng(206)
    X = rng.normal(size=(4000, 5))
    exposure = rng.uniform(2, 20, 4000)
    y = rng.poisson(exposure * np.exp(0.5 * X[:, 0] + 0.4 * X[:, 1] * X[:, 2] - 1.5))
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], init_score=np.log(exposure[a]), free_raw_data=False)
    dv = d.create_valid(X[v], y[v], init_score=np.log(exposure[v]) if mended else None)
    params = {"objective": "poisson", "num_leaves": 7, "learning_rate": 0.05}
    stop = lgb.early_stopping(20, verbose=False)
    m, run = lgb_run(params, d, 400, [(dv, "valid")], callbacks=[stop])
    rate = np.exp(m.predict(X[t], raw_score=True)) * (exposure[t] if mended else 1)
    return Seen(float(np.mean(rate - y[t] * np.log(rate))), run, ask_params(params, d, 400, evals=[(dv, "valid")]))


@situation(
    "lightgbm-org/LightGBM #2723", "loss scale against label scale", measure="MAE",
    cause=r"(huber|alpha).{0,240}(label|scale|spread|clip)|(label|scale).{0,160}(huber|alpha)",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def a_learning_rate_of_a_hundred_is_better(mended: bool) -> Seen:
    """200 rows with prices, and objective huber: 2,000 trees at a rate of 1 do nothing, and a rate of 100 works."""
    rng = np.random.default_rng(207)
    X = rng.normal(size=(400, 6))
    y = 250_000 + 60_000 * X[:, 0] + 30_000 * np.abs(X[:, 1]) + 15_000 * rng.normal(size=400)
    a, v, t = thirds(len(y))
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    model = lgb.LGBMRegressor(
        objective="huber", alpha=60_000.0 if mended else 0.9, n_estimators=300, learning_rate=0.1 if mended else 1.0,
        num_leaves=7, min_child_samples=5, n_jobs=1, verbosity=-1,
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], callbacks=[callback])
    return Seen(mae(y[t], model.predict(X[t])), told(callback.run.findings))


@situation(
    "lightgbm-org/LightGBM #4792", "log link", measure="gamma loss",
    cause=r"(gamma|log link|hessian|link).{0,260}(step|leaf|leaves|explod|min_sum_hessian|max_delta_step|rate|diverg)|"
    r"(min_sum_hessian|max_delta_step)|(leaves|leaf values?).{0,120}(grow|explod|far)",
    misleading=ELSEWHERE,
)  # fmt: skip
def a_gamma_that_blows_up(mended: bool) -> Seen:
    """The gamma objective does not converge on labels of a wide range: the loss climbs from the first rounds on."""
    rng = np.random.default_rng(208)
    X = rng.normal(size=(10000, 2))
    y = rng.gamma(1, np.exp(X @ [1.0, 1.0]))
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "gamma", "learning_rate": 0.1, "min_sum_hessian_in_leaf": 20.0 if mended else 1e-3}
    m, run = lgb_run(params, d, 40, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    p = m.predict(X[t])
    return Seen(float(np.mean(np.log(p) + y[t] / p)), run, ask_params(params, d, 40))


@situation(
    "lightgbm-org/LightGBM #5131", "linear trees", measure="RMSE",
    cause=r"linear_tree|linear (tree|lea|model)|first tree|one (round|tree)|a single (round|tree)|more rounds",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def one_linear_tree_is_a_constant_one(mended: bool) -> Seen:
    """linear_tree with one round at a rate of 1 has constant leaves: the first tree is never a linear one."""
    rng = np.random.default_rng(209)
    X = rng.uniform(-2, 2, size=(2000, 3))
    y = 3 * X[:, 0] - 2 * X[:, 1] + np.abs(X[:, 2]) + 0.2 * rng.normal(size=2000)
    a, v, t = thirds(len(y))
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    model = lgb.LGBMRegressor(
        linear_tree=True, n_estimators=20 if mended else 1, learning_rate=0.5 if mended else 1.0, max_depth=2,
        n_jobs=1, verbosity=-1,
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], callbacks=[callback])
    return Seen(rmse(y[t], model.predict(X[t])), told(callback.run.findings))
