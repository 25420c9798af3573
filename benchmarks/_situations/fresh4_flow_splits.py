"""The fourth fresh batch, data and workflow: how rows are split, what is made before, and which set decides."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

import treedebug

from .core import Seen, situation
from .data import COPIES, LEAK, TREES
from .parameters import ELSEWHERE
from .runs import compared
from .training import noisy
from .ways import (
    DEFAULTS,
    ask_table,
    draw,
    lgb_run,
    log_loss,
    multi_error,
    one_minus_auc,
    rmse,
    thirds,
    told,
    xgb_recorded,
    xgb_run,
)

SPREAD = r"spread otherwise|distribut|drift|another (unit|scale)|transform|\bscale[sd]?\b|pipeline|\brange\b"


@situation(
    "lightgbm-org/LightGBM #5090", "features that differ between sets", measure="log loss",
    cause=rf"(valid|features?|columns?).{{0,200}}({SPREAD})|({SPREAD}).{{0,160}}(valid|features?|columns?)|"
    r"not like the training rows",
    misleading=ELSEWHERE + "|overfit|try (num_leaves|learning_rate)=",
)  # fmt: skip
def the_pipeline_scales_only_the_training_rows(mended: bool) -> Seen:
    """eval_set does not go through the Pipeline: training rows are scaled, validation rows are not."""
    rng = np.random.default_rng(201)
    n = 3000
    X = np.c_[rng.normal(40, 12, n), rng.gamma(2, 9000, n), rng.normal(170, 10, n), rng.poisson(6, n)].astype(float)
    y = draw((X[:, 0] - 40) / 10 + (X[:, 1] - 18000) / 9000 - (X[:, 3] - 6) / 3, rng)
    a, v, t = thirds(n)
    scaler = StandardScaler().fit(X[a])
    valid = scaler.transform(X[v]) if mended else X[v]
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    model = lgb.LGBMClassifier(n_estimators=300, num_leaves=15, learning_rate=0.05, n_jobs=1, verbosity=-1)
    stop = lgb.early_stopping(20, verbose=False)
    model.fit(scaler.transform(X[a]), y[a], eval_set=[(valid, y[v])], callbacks=[stop, callback])
    loss = log_loss(y[t], model.predict_proba(scaler.transform(X[t]))[:, 1])
    return Seen(loss, told(callback.run.findings), table=ask_table(scaler.transform(X[a]), y[a], valid=(valid, y[v])))


@situation(
    "lightgbm-org/LightGBM #2012", "features that differ between sets", measure="log loss", asked="table",
    cause=r"relation|say(s)? (of|about)|spread otherwise|drift|swap|sign|fitted (twice|again)|other (column|mean)",
    misleading=TREES + "|try drop=",
)  # fmt: skip
def the_projection_is_fitted_twice(mended: bool) -> Seen:
    """fit_transform of a PCA on training rows, and once more on validation rows: the components are not the same."""
    rng = np.random.default_rng(202)
    n = 3000
    z = rng.normal(size=(n, 4)) * [1.1, 1.05, 1.0, 0.95]
    mix = rng.normal(size=(4, 12))
    X = z @ mix + 0.2 * rng.normal(size=(n, 12))
    y = draw(1.6 * z[:, 0] - 1.2 * z[:, 1] + z[:, 2], rng)
    a, v, t = thirds(n)
    first = PCA(4, random_state=0).fit(X[a])
    valid = first.transform(X[v]) if mended else PCA(4, random_state=0).fit_transform(X[v][::-1])[::-1]
    test = first.transform(X[t]) if mended else PCA(4, random_state=0).fit_transform(X[t])
    asked = ask_table(first.transform(X[a]), y[a], valid=(valid, y[v]))
    d = lgb.Dataset(first.transform(X[a]), y[a], free_raw_data=False)
    params = {"objective": "binary", "num_leaves": 7}
    m, run = lgb_run(params, d, 80, [(d.create_valid(valid, y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(test)), run, table=asked)


@situation(
    "dmlc/xgboost #3607", "groups in both sets", measure="error rate told and not true", asked="table",
    cause=LEAK + r"|\bgroups?\b|same (user|customer|person|entity)|identif|in both|" + COPIES,
    misleading=TREES,
)  # fmt: skip
def customers_without_a_number(mended: bool) -> Seen:
    """Several purchases of a customer are split at random: no column names the customer, but all of his data do."""
    rng = np.random.default_rng(203)
    who = np.repeat(np.arange(300), 8)
    label = rng.integers(0, 2, 300)[who]
    own = pd.DataFrame({"age": rng.integers(18, 80, 300), "income": np.round(rng.gamma(3, 900, 300), 2)})
    own["distance"] = np.round(rng.gamma(2, 7, 300), 1)
    frame = own.iloc[who].reset_index(drop=True)
    frame["basket"], frame["minutes"] = rng.poisson(5, len(who)), np.round(rng.gamma(2, 6, len(who)), 1)
    rows = np.flatnonzero(who < 220)
    a, v = (rows[who[rows] < 160], rows[who[rows] >= 160]) if mended else np.split(rng.permutation(rows), [1280])
    asked = ask_table(frame.iloc[a], label[a], valid=(frame.iloc[v], label[v]))
    d, dv = xgb.DMatrix(frame.iloc[a], label[a]), xgb.DMatrix(frame.iloc[v], label[v])
    params = {"objective": "multi:softprob", "num_class": 2, "max_depth": 8, "eta": 0.2}
    m, run = xgb_run(params, d, 80, [(dv, "valid")])
    said, true = (multi_error(label[i], m.predict(xgb.DMatrix(frame.iloc[i]))) for i in (v, np.flatnonzero(who >= 220)))
    return Seen(true - said, run, table=asked)


@situation(
    "lightgbm-org/LightGBM #136", "early stopping: the test set", measure="AUC told and not true",
    cause=r"\btest\b.{0,200}(chosen|choos|decid|stop|third|separate|optimistic|honest|unseen|not looked)|"
    r"(third|separate|another) (set|part|rows)|(chosen|best).{0,80}(flatter|optimistic|chance|luck)",
    misleading=ELSEWHERE,
)  # fmt: skip
def the_test_set_decides_when_to_stop(mended: bool) -> Seen:
    """The number of trees is fitted on the test set, and the score of its best round is reported."""
    X, y = noisy(5000, 204)
    a, new = slice(0, 500), slice(2600, 5000)
    params = {"objective": "binary", "metric": "auc", "num_leaves": 7, "learning_rate": 0.2, "min_data_in_leaf": 5}
    flattery, run = [], None
    for k in range(8):  # a test set of 120 rows says little: the mean over eight of them
        test, valid = slice(500 + 120 * k, 620 + 120 * k), slice(1500, 2600)
        name, watched = ("valid", valid) if mended else ("test", test)
        d = lgb.Dataset(X[a], y[a], free_raw_data=False)
        stop = lgb.early_stopping(100, verbose=False)
        m, said = lgb_run(params, d, 1000, [(d.create_valid(X[watched], y[watched]), name)], callbacks=[stop])
        run = run or said
        told_auc, true = (1 - one_minus_auc(y[i], m.predict(X[i])) for i in (test, new))
        flattery.append(told_auc - true)
    return Seen(float(np.mean(flattery)), run)


@situation(
    "acoullandreau/capstone_sparkify #1", "rows of a series, split at random", measure="RMSE told and not true",
    asked="table", cause=r"\btime\b|between training rows|neighbou?r|shuffl|at random|\blater\b|future|chronolog",
    misleading=TREES + "|try drop=",
)  # fmt: skip
def a_date_column_and_a_random_split(mended: bool) -> Seen:
    """Days of a series are split with randomSplit. The table has a column of dates, and nobody said that it matters."""
    rng = np.random.default_rng(205)
    n = 1800
    day = pd.date_range("2019-01-01", periods=n, freq="D")
    level = np.zeros(n)
    for i in range(1, n):
        level[i] = 0.95 * level[i - 1] + rng.normal()
    y = 20 + level + np.sin(2 * np.pi * np.arange(n) / 7) + 0.3 * rng.normal(size=n)
    frame = pd.DataFrame({"date": day, "weekday": day.dayofweek, "visitors": rng.poisson(30, n)})
    rows = np.arange(1500)
    order = rows if mended else rng.permutation(rows)
    a, v, t = order[:1100], order[1100:], np.arange(1500, n)
    asked = ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v], y[v]))
    X = np.c_[np.arange(n), frame.weekday, frame.visitors]
    m, _ = xgb_run({"eta": 0.1, "max_depth": 6}, xgb.DMatrix(X[a], y[a]), 150)
    true, said = (rmse(y[i], m.predict(xgb.DMatrix(X[i]))) for i in (t, v))
    return Seen(true - said, table=asked)


@situation(
    "lightgbm-org/LightGBM #801", "rows in an order, cut without shuffling", measure="log loss", asked="table",
    cause=r"(shuffl|order|sorted).{0,200}|unseen|spread otherwise|drift|training lacks|outside (the )?(range|training)",
    misleading=TREES + "|try drop=",
)  # fmt: skip
def the_last_rows_are_other_shops(mended: bool) -> Seen:
    """x_train[:split] and x_train[split:], and nobody shuffled: the file is sorted by shop, validation has new ones."""
    rng = np.random.default_rng(206)
    n = 4000
    shop = np.sort(rng.integers(0, 40, n))
    size = rng.normal(size=40)[shop]
    frame = pd.DataFrame({"shop": shop, "price": rng.normal(size=n), "stock": rng.normal(size=n)})
    y = draw(1.2 * size + 0.8 * frame.price + np.where(shop < 30, 0.0, 1.5) * frame.stock, rng)
    new = rng.permutation(n)[:1000]
    rest = np.setdiff1d(np.arange(n), new)
    order = rng.permutation(rest) if mended else rest
    a, v = np.split(order, [2250])
    asked = ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v], y[v]))
    d = lgb.Dataset(frame.iloc[a], y[a], free_raw_data=False)
    params = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.05}
    stop = lgb.early_stopping(20, verbose=False)
    dv = d.create_valid(frame.iloc[v], y[v])
    m, run = lgb_run(params, d, 300, [(dv, "valid")], callbacks=[stop])
    return Seen(log_loss(y[new], m.predict(frame.iloc[new])), run, table=asked)


@situation(
    "datascience.stackexchange #130162", "few rows", measure="RMSE told and not true",
    cause=r"(few|only|just) (\d+ )?(training |validation )?rows|\d+ rows.{0,40}(decide|chance|noise)|chance|nois[ey]|"
    r"\b(test|valid\w*)\b.{0,80}\b18\b|too (small|little)",
    misleading=ELSEWHERE + "|distant",
)  # fmt: skip
def a_small_set_and_a_lucky_split(mended: bool) -> Seen:
    """With fewer than 100 samples R2 is 0.82 on the one test set, and negative in cross-validation."""
    rng = np.random.default_rng(207)
    n = 2000
    X = rng.normal(size=(n, 8))
    y = X[:, 0] + 0.6 * X[:, 1] + 1.2 * rng.normal(size=n)
    a, v, t = (slice(0, 600), slice(600, 1000), slice(1000, n)) if mended else (
        slice(0, 72), slice(72, 90), slice(1000, n))  # fmt: skip
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run({"eta": 0.1, "max_depth": 3}, d, 100, [(d, "train"), (dv, "test")], early_stopping_rounds=10)
    end = (0, m.best_iteration + 1)
    said, true = (rmse(y[i], m.predict(xgb.DMatrix(X[i]), iteration_range=end)) for i in (v, t))
    return Seen(abs(said - true), run)


@situation(
    "scikit-learn/scikit-learn #13872", "a search within the noise", measure="1 - correlation with what is true",
    asked="compare", cause=r"within (the )?(noise|chance)|chance|\bnoise\b|(too )?few (validation )?rows|no more than",
    misleading=ELSEWHERE,
)  # fmt: skip
def the_best_of_a_search_is_no_better(mended: bool) -> Seen:
    """The best of GridSearchCV is worse than the baseline, though the grid had the baseline: the scores are noise."""
    X, y = noisy(4000, 208)
    a, t = slice(0, 400), slice(2000, 4000)
    v = slice(400, 2000) if mended else slice(400, 480)
    runs, scores = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": int(rng.integers(2, 5)), "subsample": 0.6}
        params |= {"colsample_bytree": float(rng.choice([0.5, 0.7, 0.9])), "lambda": float(rng.choice([1, 2, 4]))}
        m, run = xgb_recorded(params | {"seed": seed}, xgb.DMatrix(X[a], y[a]), 30, [(xgb.DMatrix(X[v], y[v]), "cv")])
        runs.append(run)
        scores.append([log_loss(y[i], m.predict(xgb.DMatrix(X[i]))) for i in (v, t)])
    return Seen(1 - float(np.corrcoef(np.transpose(scores))[0, 1]), compare=compared(*runs))
