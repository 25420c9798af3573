"""Situations that were rebuilt when the rules were done, and before any was asked: parameters, tables, two runs."""

from __future__ import annotations

import os

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn import datasets

from .core import Seen, healthy, situation
from .data import LEAK, TREES
from .hardware import THREADS
from .parameters import ELSEWHERE, waves
from .runs import compared
from .training import SMALL, noisy
from .ways import (
    ask_params,
    ask_table,
    draw,
    lgb_run,
    log_loss,
    mae,
    multi_error,
    one_minus_auc,
    refused,
    rmse,
    thirds,
    xgb_recorded,
    xgb_run,
)


@situation("dmlc/xgboost #5047", "a value that is refused", measure="training is refused", asked="params",
           cause=r"gamma|min_split_loss", misleading=ELSEWHERE)  # fmt: skip
def a_gamma_a_hair_below_zero(mended: bool) -> Seen:
    """An optimizer proposes min_split_loss=-2.8e-17: 'should be greater equal to 0'. It is seen before training."""
    X, y = waves()
    params = {"min_split_loss": 0.0 if mended else -2.77556e-17, "max_depth": 3, "eta": 0.1}
    d = xgb.DMatrix(X, y)
    return Seen(refused(lambda: xgb_run(params, d, 10)), params=ask_params(params, d, 100))


def _four(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2400, 6))
    return X, np.digitize(X[:, 0] + 0.8 * rng.normal(size=2400), [-1.5, 0.3, 1.8])


@situation("dmlc/xgboost #5788", "ignored parameter", measure="parameters without effect",
           cause=r"lamda|scale_pos_weight", misleading=ELSEWHERE)  # fmt: skip
def lamda_and_a_weight_for_seven_classes(mended: bool) -> Seen:
    """'Parameters: { lamda, scale_pos_weight } might not be used': a slip, and a weight for two classes with more."""
    X, y = _four(80)
    a, v, _ = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "multi:softmax", "num_class": 4, "eta": 0.05, "max_depth": 4, "eval_metric": "merror"}
    params |= {"lambda": 2} if mended else {"lamda": 2, "scale_pos_weight": 2}
    _, run = xgb_run(params, d, 100, [(d, "train"), (dv, "valid")])
    return Seen(float(not mended), run, ask_params(params, d, 100))


@situation("lightgbm-org/LightGBM #3107", "ignored parameter", measure="parameters without effect",
           cause=r"scale_pos_weight", misleading=ELSEWHERE)  # fmt: skip
def a_weight_of_the_positive_class_for_four(mended: bool) -> Seen:
    """What is the formula of scale_pos_weight for four classes? None: it is for two only, and does nothing here."""
    X, y = _four(81)
    a, v, _ = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "multiclass", "num_class": 4, "num_leaves": 7} | ({} if mended else {"scale_pos_weight": 5})
    _, run = lgb_run(params, d, 50, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(float(not mended), run, ask_params(params, d, 50))


@situation("lightgbm-org/LightGBM #3346", "contradicting parameters", measure="RMSE",
           cause=r"min_data_in_leaf|min_child_samples", misleading=ELSEWHERE)  # fmt: skip
def two_names_for_the_rows_of_a_leaf(mended: bool) -> Seen:
    """min_data_in_leaf=200 is set, and min_child_samples=5 stands in the same parameters: one of them is ignored."""
    X, y = waves()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"min_child_samples": 5} | ({} if mended else {"min_data_in_leaf": 200})
    m, run = lgb_run(params, d, 80, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 80))


@situation("lightgbm-org/LightGBM #3648", "too little data for the defaults", measure="1 - AUC", cause=SMALL,
           misleading=ELSEWHERE + "|constant feature")  # fmt: skip
def average_precision_of_fifty_rows(mended: bool) -> Seen:
    """'No further splits with positive gain, best gain: -inf' in every round, and the metric goes up and down."""
    X, y = noisy(1000, 82)
    a, v, t = slice(0, 50), slice(50, 100), slice(100, 1000)
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    params = {"objective": "binary", "metric": "average_precision", "min_data_in_bin": 1}
    params |= {"min_data_in_leaf": 5, "num_leaves": 4} if mended else {"min_data_in_leaf": 24}
    m, run = lgb_run(params, d, 40, [(dv, "valid")])
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run, ask_params(params, d, 40, evals=[(dv, "valid")]))


@situation("lightgbm-org/LightGBM #663", "too little data for the defaults", measure="MAE", cause=SMALL,
           misleading=ELSEWHERE + "|constant feature")  # fmt: skip
def no_more_leaves_that_meet_the_requirements(mended: bool) -> Seen:
    """'Stopped training because there are no more leaves that meet the split requirements', before round 1 is done."""
    rng = np.random.default_rng(83)
    X = rng.normal(size=(240, 4))
    y = 5e6 + 3e6 * X[:, 0] + 5e5 * rng.normal(size=240)
    d = lgb.Dataset(X[:40], y[:40], params={"min_data_in_bin": 1}, free_raw_data=False)
    dv = d.create_valid(X[40:90], y[40:90])
    params = {"objective": "regression_l1", "num_leaves": 10, "learning_rate": 0.05, "feature_fraction": 0.9}
    params |= {"bagging_fraction": 0.8, "bagging_freq": 5, "min_data_in_bin": 1}
    params |= {"min_data_in_leaf": 3} if mended else {}
    m, run = lgb_run(params, d, 100, [(dv, "valid")])
    return Seen(mae(y[90:], m.predict(X[90:])), run, ask_params(params, d, 100, evals=[(dv, "valid")]))


@situation("lightgbm-org/LightGBM #3163", "too few rows drawn", measure="difference between two seeds",
           cause=r"goss|top_rate|other_rate|(draws?|drawn|sampl).{0,60}rows|rows.{0,40}(drawn|sampl)",
           misleading=ELSEWHERE)  # fmt: skip
def goss_with_two_rows_in_a_hundred(mended: bool) -> Seen:
    """Results are random with boosting=goss although every seed is set: top_rate and other_rate are 0.01."""
    X, y = noisy(2000, 84)
    a, v, t = thirds(len(y))
    rates = {"top_rate": 0.2, "other_rate": 0.1} if mended else {"top_rate": 0.01, "other_rate": 0.01}
    params = {"objective": "binary", "data_sample_strategy": "goss", "num_leaves": 7, "min_data_in_leaf": 5, **rates}
    found = []
    for seed in (1, 2):
        d = lgb.Dataset(X[a], y[a], free_raw_data=False)
        m, run = lgb_run(params | {"seed": seed}, d, 80, [(d.create_valid(X[v], y[v]), "valid")])
        found.append(m.predict(X[t]))
    return Seen(float(np.abs(found[0] - found[1]).mean()), run, ask_params(params, d, 80))


@situation(
    "dmlc/xgboost #4703", "more threads than cores", measure="threads a core", cause=THREADS, misleading=ELSEWHERE
)
def sixteen_threads_a_core(mended: bool) -> Seen:
    """XGBoost gets slower with more than eight threads, and here there are far more threads than cores."""
    rng = np.random.default_rng(85)
    X = rng.normal(size=(3000, 20))
    y = X[:, 0] + rng.normal(size=3000)
    d = xgb.DMatrix(X, y, nthread=1)
    threads = (os.cpu_count() or 1) * (1 if mended else 16)
    _, run = xgb_run({"nthread": threads, "max_depth": 5, "eta": 0.1}, d, 40, [(d, "train")])
    return Seen(threads / (os.cpu_count() or 1), run)


@situation("dmlc/xgboost #9123", "a change without an effect", measure="runs for nothing", asked="compare",
           cause=r"no effect|same (trees|model)|are the same|grow_policy|changed nothing",
           misleading=ELSEWHERE)  # fmt: skip
def lossguide_and_depthwise_are_the_same(mended: bool) -> Seen:
    """grow_policy=lossguide gives the very predictions of depthwise: nothing limits the leaves, only the depth."""
    X, y = waves()
    a, v, _ = thirds(len(y))
    runs, models = [], []
    for policy in ("depthwise", "lossguide"):
        params = {"grow_policy": policy, "max_depth": 4, "eta": 0.1} | ({"max_leaves": 6} if mended else {})
        m, run = xgb_recorded(params, xgb.DMatrix(X[a], y[a]), 30, [(xgb.DMatrix(X[v], y[v]), "valid")])
        runs.append(run)
        models.append(m.predict(xgb.DMatrix(X[v])))
    return Seen(float(np.array_equal(*models)), compare=compared(*runs))


@situation("jeongyoonlee/Kaggler #35", "leak", measure="log loss of the real world", asked="table",
           cause=LEAK + "|mean label|average", misleading=TREES)  # fmt: skip
def the_mean_label_of_the_row_itself(mended: bool) -> Seen:
    """A target encoder takes the mean of the labels, each row's own among them, and leaks."""
    rng = np.random.default_rng(86)
    n = 3000
    shop = rng.integers(0, 900, n)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    y = draw(0.6 * frame.a, rng)
    a, v, t = thirds(n)
    mean = pd.Series(y[a]).groupby(shop[a]).mean()
    encoded = pd.Series(shop).map(mean).fillna(y[a].mean()).to_numpy()
    given = frame if mended else frame.assign(shop=encoded)
    asked = ask_table(given.iloc[a], y[a], valid=(given.iloc[v], y[v]))
    d, dv = xgb.DMatrix(given.iloc[a], y[a]), xgb.DMatrix(given.iloc[v], y[v])
    m, run = xgb_run({"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}, d, 80, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(given.iloc[t]))), run, table=asked)


@situation("lightgbm-org/LightGBM #804", "codes that differ between sets", measure="log loss", asked="table",
           cause=r"unseen|not (seen|in (the )?training)|new categor|training (lacks|does not)|categor.{0,60}training",
           misleading=TREES)  # fmt: skip
def cats_and_dogs_and_then_a_cow(mended: bool) -> Seen:
    """The validation frame has categories that training never saw: half of its rows say nothing to the model."""
    rng = np.random.default_rng(87)
    n = 3000
    kind = rng.integers(0, 12, n)
    effect = 1.5 * rng.normal(size=12)
    y = draw(effect[kind], rng)
    a, v, t = thirds(n)
    known = np.arange(n) >= 0 if mended else kind < 6
    rows = np.flatnonzero(known[a])
    animal = pd.Series([f"animal {k}" for k in kind], dtype="category")
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n), "animal": animal})
    asked = ask_table(frame.iloc[rows], y[rows], valid=(frame.iloc[v], y[v]))
    d = lgb.Dataset(frame.iloc[rows], y[rows])
    m, run = lgb_run({"objective": "binary", "num_leaves": 7}, d, 40, [(d.create_valid(frame.iloc[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(frame.iloc[t])), run, table=asked)


@situation("stackoverflow #56971918", "leak", measure="error rate of the real world", cause=LEAK, misleading=TREES)
def a_hundred_percent_accuracy(mended: bool) -> Seen:
    """Accuracy is 100 %, which is too good to be true: the label, coded anew, was left among the columns."""
    X, y = noisy(2400, 88)
    a, v, t = thirds(len(y))
    grade = 2 - y + 0.0
    known = X if mended else np.c_[X, grade]
    d, dv = xgb.DMatrix(known[a], y[a]), xgb.DMatrix(known[v], y[v])
    params = {"objective": "binary:logistic", "max_depth": 4, "eta": 0.3}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    real = X[t] if mended else np.c_[X[t], np.full(len(X[t]), 1.5)]
    p = m.predict(xgb.DMatrix(real))
    return Seen(multi_error(y[t], np.c_[1 - p, p]), run, table=ask_table(known[a], y[a]))


@situation("DefiLlama/yield-ml #1", "rows of a series, split at random", measure="error rate not kept", asked="table",
           cause=r"\btime\b|between training rows|neighbou?r|shuffl|at random|later|future",
           misleading=TREES)  # fmt: skip
def pools_of_yields_are_shuffled(mended: bool) -> Seen:
    """Accuracy may be overestimated: yields that follow each other in time were split with shuffle=True."""
    rng = np.random.default_rng(89)
    n = 2400
    when = pd.date_range("2022-01-01", periods=n, freq="h")
    state = np.repeat(rng.integers(0, 2, n // 40), 40)
    y = np.where(rng.random(n) < 0.1, 1 - state, state)
    level = np.repeat(np.cumsum(rng.normal(size=n // 40)), 40) + 0.05 * rng.normal(size=n)
    frame = pd.DataFrame({"when": when, "level": level, "volume": rng.normal(size=n)})
    rows = np.arange(1800)
    order = rows if mended else rng.permutation(rows)
    a, v, t = order[:1300], order[1300:], np.arange(1800, n)
    asked = ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v], y[v]), time="when")
    X = np.c_[level, frame.volume, np.arange(n)]
    m, _ = xgb_run({"objective": "binary:logistic", "max_depth": 6}, xgb.DMatrix(X[a], y[a]), 80)
    wrong = [multi_error(y[i], np.c_[1 - p, p]) for i in (t, v) for p in (m.predict(xgb.DMatrix(X[i])),)]
    return Seen(wrong[0] - wrong[1], table=asked)


@healthy("lightgbm-org/LightGBM #5734", "RMSE")
def a_depth_of_eight_and_thirty_one_leaves() -> Seen:
    """'Accuracy may be bad since 2^max_depth > num_leaves': 31 leaves and a depth of 8 were both meant, and do well."""
    X, y = waves()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"num_leaves": 31, "max_depth": 8, "learning_rate": 0.05}
    stop = lgb.early_stopping(30, verbose=False)
    dv = d.create_valid(X[v], y[v])
    m, run = lgb_run(params, d, 400, [(dv, "valid")], callbacks=[stop])
    return Seen(rmse(y[t], m.predict(X[t])), run)


@healthy("dmlc/xgboost #1375", "error rate")
def digits_a_little_behind_extra_trees() -> Seen:
    """'Quite a lot worse than ExtraTrees': on scikit-learn's digits the defaults do well, and another model better."""
    X, y = datasets.load_digits(return_X_y=True)
    order = np.random.default_rng(90).permutation(len(y))
    a, v, t = order[:900], order[900:1350], order[1350:]
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "multi:softprob", "num_class": 10, "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 100, [(d, "train"), (dv, "valid")])
    return Seen(multi_error(y[t], m.predict(xgb.DMatrix(X[t]))), run)
