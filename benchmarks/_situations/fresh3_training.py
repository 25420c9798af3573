"""The third fresh batch, from threads nobody had read when the rules were done: objectives, starts, ranking, tables."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

from .core import Seen, situation
from .data import LEAK, TREES
from .parameters import ELSEWHERE, waves
from .ways import ask_params, ask_table, draw, lgb_run, log_loss, multi_error, refused, rmse, thirds, xgb_run

Array = np.ndarray


@situation(
    "lightgbm-org/LightGBM #138", "categories", measure="log loss",
    cause=r"categor.{0,200}(fraction|decimal|whole|integer|continuous|real|distinct|not codes|numbers|few rows)|"
    r"(fraction|decimal|continuous|distinct values|few rows).{0,160}categor",
    misleading=ELSEWHERE,
)  # fmt: skip
def categories_are_counted_from_zero(mended: bool) -> Seen:
    """categorical_feature=[1] was meant for the first column: the second, a price, is cut into whole numbers."""
    rng = np.random.default_rng(161)
    n = 5000
    code, price = rng.integers(0, 40, n), rng.normal(300, 120, n).clip(1)
    effect = rng.normal(size=40)
    y = draw(1.3 * effect[code] + (price - 300) / 60, rng)
    X = np.c_[code, price, rng.normal(size=(n, 2))]
    a, v, t = thirds(n)
    d = lgb.Dataset(X[a], y[a], categorical_feature=[0 if mended else 1], free_raw_data=False)
    params = {"objective": "binary", "num_leaves": 15}
    m, run = lgb_run(params, d, 60, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, 60))


@situation(
    "lightgbm-org/LightGBM #4870", "quantiles", measure="RMSE",
    cause=r"median|(labels?|rows|half|%|share).{0,140}(same value|one value|equal|are (all )?0|\btie)",
    misleading=ELSEWHERE,
)  # fmt: skip
def the_median_is_a_value_of_most_rows(mended: bool) -> Seen:
    """quantile with alpha=0.5 stops after the first round and learns nothing; regression_l2 finds plenty."""
    rng = np.random.default_rng(162)
    X = rng.normal(size=(3000, 5))
    busy = rng.random(3000) < 1 / (1 + np.exp(-(X[:, 0] - 1.3)))
    y = np.where(busy, np.round(np.exp(1.5 + 0.4 * X[:, 1] + 0.2 * rng.normal(size=3000))), 0.0)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    objective = {"objective": "regression"} if mended else {"objective": "quantile", "alpha": 0.5}
    params = objective | {"num_leaves": 7, "min_data_in_leaf": 200, "learning_rate": 0.05}
    stop = lgb.early_stopping(10, verbose=False)
    m, run = lgb_run(params, d, 300, [(d.create_valid(X[v], y[v]), "valid")], callbacks=[stop])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 300))


@situation(
    "dmlc/xgboost #4376", "margins", measure="log loss",
    cause=r"(margin|init_score|starting score).{0,200}(probabilit|between 0 and 1|log.?odds|logit|link|0 to 1)|"
    r"(probabilit|log.?odds|logit).{0,160}(margin|init_score)",
    misleading=ELSEWHERE,
)  # fmt: skip
def probabilities_in_place_of_margins(mended: bool) -> Seen:
    """A second model starts at the first one's predictions; set_base_margin wants log odds, and gets probabilities."""
    rng = np.random.default_rng(163)
    X = rng.normal(size=(3000, 6))
    y = draw(1.5 * X[:, 0] + X[:, 1] * X[:, 2] - 2.0, rng)
    a, v, t = thirds(len(y))
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}
    first = xgb.train(params | {"nthread": 1, "verbosity": 0}, xgb.DMatrix(X[a], y[a]), 40)
    sets = [xgb.DMatrix(X[i], y[i]) for i in (a, v, t)]
    for s in sets:
        s.set_base_margin(first.predict(s, output_margin=mended))
    d, dv, dt = sets
    m, run = xgb_run(params | {"eta": 0.03}, d, 30, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(dt)), run, ask_params(params, d, 30, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #91", "objective of another task", measure="log loss",
    cause=r"(squared|regression|objective).{0,200}(0 and 1|two (values|classes|labels)|binary|classif|probabilit)|"
    r"(0 and 1|two values|binary).{0,160}(squared|regression|logistic)",
    misleading=ELSEWHERE,
)  # fmt: skip
def scores_of_two_classes_outside_0_and_1(mended: bool) -> Seen:
    """Labels are 0 or 1 and predictions lie outside: no objective was given, and squared error is the default."""
    rng = np.random.default_rng(164)
    X = rng.normal(size=(2400, 6))
    y = draw(6 * X[:, 0] + 4 * X[:, 1], rng)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eta": 0.1, "max_depth": 4, "eval_metric": "logloss"} | (
        {"objective": "binary:logistic"} if mended else {}
    )
    m, run = xgb_run(params, d, 50, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 50, evals=[(dv, "valid")]))


def _concordance(risk: Array, time: Array, died: Array) -> float:
    i, j = np.random.default_rng(0).integers(0, len(time), (2, 20000))
    pairs = (time[i] < time[j]) & died[i]
    return float(np.mean(risk[i][pairs] > risk[j][pairs]))


@situation(
    "dmlc/xgboost #386", "survival", measure="1 - concordance",
    cause=r"(cox|surviv).{0,240}(survival time|times|censor|negative|duration)|"
    r"(censor|survival time|duration).{0,160}(label|cox)",
    misleading=ELSEWHERE,
)  # fmt: skip
def the_event_is_not_the_time(mended: bool) -> Seen:
    """survival:cox is given the death flag as its label; it wants the time, below 0 where it was cut off."""
    rng = np.random.default_rng(165)
    X = rng.normal(size=(3000, 5))
    life, end = (
        rng.exponential(np.exp(-0.9 * X[:, 0] - 0.6 * X[:, 1])),
        np.exp(0.8 * X[:, 2]) * rng.exponential(1.0, 3000),
    )
    time, died = np.minimum(life, end) + 1e-3, life < end
    y = np.where(died, time, -time) if mended else died.astype(float)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "survival:cox", "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    risk = m.predict(xgb.DMatrix(X[t]), output_margin=True)
    return Seen(1 - _concordance(risk, time[t], died[t]), run, ask_params(params, d, 60, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #2704", "grades of a ranking", measure="NDCG told and not true",
    cause=r"(quer|group).{0,240}(one grade|no relevant|relevant|same (grade|label)|all (0|zero)|one label|"
    r"nothing to rank|a single grade|equal)",
    misleading=ELSEWHERE,
)  # fmt: skip
def queries_in_which_nothing_is_relevant(mended: bool) -> Seen:
    """ndcg@10 is 0.9 from the start: most queries have no relevant row, and each of them counts as 1."""
    rng = np.random.default_rng(166)
    q = np.arange(7200) // 12
    X = rng.normal(size=(7200, 6))
    y = (X[:, 0] + X[:, 1] * X[:, 2] + 1.5 * rng.normal(size=7200) > 1.8).astype(int)
    y[(q % 5 > 0)] = 0  # nobody clicked
    keep = (q % 5 == 0) if mended else np.ones(7200, bool)
    X, y, q = X[keep], y[keep], q[keep]
    cut = int(np.searchsorted(q, 400))
    d, dv = (xgb.DMatrix(X[i], y[i], qid=q[i]) for i in (slice(0, cut), slice(cut, None)))
    busy = np.flatnonzero((q >= 400) & (q % 5 == 0))
    params = {"objective": "rank:ndcg", "eta": 0.1, "max_depth": 3, "eval_metric": "ndcg@5"}
    m, run = xgb_run(params, d, 40, [(dv, "valid")])
    told = float(m.eval(dv).rpartition(":")[2])
    true = float(m.eval(xgb.DMatrix(X[busy], y[busy], qid=q[busy])).rpartition(":")[2])
    return Seen(told - true + 1e-9 * (not mended), run, ask_params(params, d, 40, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #6352", "grades of a ranking", measure="training is refused", asked="params",
    cause=r"ndcg_exp_gain|(label|grade|relevance).{0,160}(\b31\b|\b32\b|integer|whole|too (large|many)|above|fraction)",
    misleading=ELSEWHERE,
)  # fmt: skip
def relevance_up_to_three_hundred(mended: bool) -> Seen:
    """rank:ndcg does nothing where rank:pairwise works: relevances are amounts up to 300. Today that is refused."""
    rng = np.random.default_rng(167)
    X = rng.normal(size=(800, 4))
    amount = np.round(np.abs(rng.normal(size=800) * 40 + 80 * X[:, 0]))
    y = np.minimum(amount // 60, 4) if mended else amount
    d = xgb.DMatrix(X, y, qid=np.arange(800) // 20)
    params = {"objective": "rank:ndcg", "max_depth": 3}
    failed = refused(lambda: xgb.train({"nthread": 1, "verbosity": 0, **params}, d, 5))
    return Seen(failed, params=ask_params(params, d, 5))


@situation(
    "dmlc/xgboost #6303", "missing values", measure="log loss",
    cause=r"missing.{0,160}(zero|\b0\b)|(zero|\b0\b).{0,160}missing", misleading=ELSEWHERE,
)  # fmt: skip
def a_true_zero_and_a_filled_one(mended: bool) -> Seen:
    """DMatrix(missing=0): how does XGBoost tell a true 0 from the 0 that fills a gap? It cannot; both are missing."""
    rng = np.random.default_rng(168)
    X = rng.poisson(0.9, size=(3000, 5)).astype(float)
    y = draw(np.where(X[:, 0] == 0, -1.6, 0.5) + np.where(X[:, 1] == 0, -1.3, 0.5), rng)
    gap = (rng.random((3000, 5)) < 0.35) & (y == 1)[:, None] & (np.arange(5) < 2)
    X[gap] = np.nan if mended else 0.0
    a, v, t = thirds(len(y))
    d, dv, dt = (xgb.DMatrix(X[i], y[i], missing=np.nan if mended else 0.0) for i in (a, v, t))
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 60, [(dv, "valid")])
    asked = ask_params(params, d, 60, evals=[(dv, "valid")])
    return Seen(log_loss(y[t], m.predict(dt)), run, asked, ask_table(X[a], y[a], valid=(X[v], y[v])))


@situation(
    "dmlc/xgboost #12351", "loss scale against label scale", measure="RMSE in spreads of the label",
    cause=r"labels?.{0,200}(small|scale|tiny|multipl|spread|units?|divid)|scale.{0,60}labels?|multiply",
    misleading=ELSEWHERE,
)  # fmt: skip
def labels_of_a_ten_thousandth(mended: bool) -> Seen:
    """XGBoost calls a gain below 1e-6 no gain: labels of some 1e-5, as of ailerons, are hardly ever split."""
    X, z = waves()
    scale = 1.0 if mended else 1e-5
    y = scale * z
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eta": 0.1, "max_depth": 4}
    m, run = xgb_run(params, d, 100, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t] / scale, m.predict(xgb.DMatrix(X[t])) / scale), run, ask_params(params, d, 100))


@situation(
    "dmlc/xgboost #636", "columns in another order", measure="RMSE", asked="table",
    cause=r"order|swap|looks like|(another|other) column|relation|distribut|drift|say(s)? (of|about)", misleading=TREES,
)  # fmt: skip
def the_columns_of_the_second_file(mended: bool) -> Seen:
    """Age is the first column of one file and the third of the next; as arrays they have no names, only places."""
    rng = np.random.default_rng(169)
    n = 2400
    X = np.c_[rng.uniform(18, 80, n), rng.gamma(2, 15000, n), rng.integers(0, 6, n), rng.normal(size=n)]
    y = 0.08 * X[:, 0] + X[:, 1] / 15000 - 0.7 * X[:, 2] + 0.5 * rng.normal(size=n)
    a, v, t = thirds(n)
    order = [0, 1, 2, 3] if mended else [2, 1, 0, 3]
    asked = ask_table(X[a], y[a], valid=(X[v][:, order], y[v]))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v][:, order], y[v])
    m, run = xgb_run({"eta": 0.1, "max_depth": 3}, d, 60, [(dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t][:, order]))), run, table=asked)


@situation(
    "lightgbm-org/LightGBM #1044", "groups in both sets", measure="error rate told and not true", asked="table",
    cause=LEAK + r"|\bgroups?\b|same (user|customer|person|rows)|identif|in both", misleading=TREES,
)  # fmt: skip
def rows_of_a_user_on_both_sides(mended: bool) -> Seen:
    """GroupKFold is needed and a random split is made: 250 users have 12 rows each, and a label of their own."""
    rng = np.random.default_rng(170)
    user = np.repeat(np.arange(250), 12)
    label = rng.integers(0, 2, 250)[user]
    frame = pd.DataFrame({"user": user + 1000, "clicks": rng.poisson(4, 3000), "seconds": rng.gamma(2, 30, 3000)})
    frame["height"] = rng.normal(size=250)[user]
    late = user >= 200
    rows = np.flatnonzero(~late)
    a, v = (rows[user[rows] < 160], rows[user[rows] >= 160]) if mended else np.split(rng.permutation(rows), [1900])
    asked = ask_table(frame.iloc[a], label[a], valid=(frame.iloc[v], label[v]))
    d, dv = xgb.DMatrix(frame.iloc[a], label[a]), xgb.DMatrix(frame.iloc[v], label[v])
    m, run = xgb_run({"objective": "multi:softprob", "num_class": 2, "max_depth": 8}, d, 80, [(dv, "valid")])
    told, true = (multi_error(label[i], m.predict(xgb.DMatrix(frame.iloc[i]))) for i in (v, np.flatnonzero(late)))
    return Seen(true - told, run, table=asked)
