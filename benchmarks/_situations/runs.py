"""Ranking, wrappers, and what several runs tell together."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import xgboost as xgb

import treedebug

from .core import Said, Seen, situation
from .ways import DEFAULTS, ask_params, draw, lgb_recorded, lgb_run, log_loss, rmse, thirds, told, xgb_recorded, xgb_run

ELSEWHERE = r"leak|disguise|try drop=|overfit"


def _ranked(sizes: np.ndarray, seed: int = 61) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(int(sizes.sum()), 5))
    return X, np.clip(np.round(1.5 + X[:, 0] + 0.7 * rng.normal(size=len(X))), 0, 4).astype(int)


def _swapped(score: np.ndarray, y: np.ndarray) -> float:
    """The share of pairs in the wrong order, over all rows."""
    i, j = np.random.default_rng(0).integers(0, len(y), (2, 20000))
    pairs = y[i] > y[j]
    return float(np.mean(score[i][pairs] <= score[j][pairs]))


QUERIES = r"quer(y|ies)|\bqid\b|\bgroups?\b"


@situation(
    "lightgbm-org/LightGBM #6823",
    "one-row queries",
    measure="pairs in the wrong order",
    cause=QUERIES,
    misleading=ELSEWHERE + "|num_leaves",
)
def one_document_a_query_lightgbm(mended: bool) -> Seen:
    """Most queries have one document: nothing can be ranked there, and they count as NDCG 1."""
    sizes = np.full(90, 8) if mended else np.where(np.arange(600) % 25 == 0, 6, 1)
    X, y = _ranked(sizes)
    test, z = _ranked(np.full(100, 8), 62)
    d = lgb.Dataset(X, y, group=sizes, free_raw_data=False)
    params = {"objective": "lambdarank", "metric": "ndcg", "num_leaves": 7}
    m, run = lgb_run(params, d, 30, [(d, "train")])
    return Seen(_swapped(m.predict(test), z), run, ask_params(params, d, 30))


@situation(
    "dmlc/xgboost #2768",
    "one-row queries",
    measure="pairs in the wrong order",
    cause=QUERIES,
    misleading=ELSEWHERE + r"|min_child_weight|\blambda\b|constant feature",
)
def one_row_a_query_xgboost(mended: bool) -> Seen:
    """rank:ndcg gives 0.5 for every row: qid numbers the rows in place of the queries, and nothing is there to rank."""
    X, y = _ranked(np.full(200, 8))
    test, z = _ranked(np.full(100, 8), 62)
    q = np.arange(len(y)) // (8 if mended else 1)
    d, dv = (xgb.DMatrix(X[i], y[i], qid=q[i]) for i in (slice(0, 1200), slice(1200, 1600)))
    params = {"objective": "rank:ndcg", "max_depth": 3, "eta": 0.1}
    m, run = xgb_run(params, d, 30, [(dv, "valid")])
    return Seen(_swapped(m.predict(xgb.DMatrix(test)), z), run, ask_params(params, d, 30, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #815",
    "queries are not given",
    measure="pairs of a query in the wrong order",
    cause=QUERIES,
    misleading=ELSEWHERE,
)
def no_groups_at_all(mended: bool) -> Seen:
    """Where does the group go in the wrapper? Nowhere: everything is ranked as one single query."""
    rng = np.random.default_rng(69)
    q = np.arange(1600) // 8
    level, own = 3 * rng.normal(size=200)[q], rng.normal(size=1600)  # of the query, and of the row
    X = np.c_[level + own, rng.normal(size=(1600, 3))]
    y = np.digitize(level - own + 0.3 * rng.normal(size=1600), [-2, -0.7, 0.7, 2])
    a, v, t = thirds(len(y))
    d, dv = (xgb.DMatrix(X[k], y[k], qid=q[k] if mended else None) for k in (a, v))
    params = {"objective": "rank:pairwise", "max_depth": 3, "eta": 0.1}
    m, run = xgb_run(params, d, 30, [(dv, "valid")])
    scores, labels = (z.reshape(-1, 8) for z in (m.predict(xgb.DMatrix(X[t])), y[t]))
    wrong = float(np.mean([_swapped(s, z) for s, z in zip(scores, labels, strict=True) if np.ptp(z)]))
    return Seen(wrong, run, ask_params(params, d, 30, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #5502",
    "wrapper",
    measure="rounds not trained",
    cause=r"num_boost_round=400|num_boost_round.{0,60}(know|argument|ignore)|n_estimators",
    misleading=ELSEWHERE,
)
def num_boost_round_in_the_wrapper(mended: bool) -> Seen:
    """XGBRegressor(num_boost_round=400) trains its 100 rounds: the wrapper calls them n_estimators."""
    rng = np.random.default_rng(68)
    X = rng.normal(size=(1200, 5))
    y = X[:, 0] - X[:, 1] + X[:, 2] + 0.5 * rng.normal(size=1200)
    a, v, _ = thirds(len(y))
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    rounds = {"n_estimators": 400} if mended else {"num_boost_round": 400}
    model = xgb.XGBRegressor(learning_rate=0.01, max_depth=2, n_jobs=1, verbosity=0, callbacks=[callback], **rounds)
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], verbose=False)
    trained = model.get_booster().num_boosted_rounds()
    return Seen(float(400 - trained), told(callback.run.findings))


@situation(
    "lightgbm-org/LightGBM #6244",
    "wrapper",
    measure="log loss",
    cause=r"dart.{0,120}(early|stop)|(early|stop).{0,120}dart",
    misleading=r"leak|disguise|try drop=",
)
def dart_in_the_wrapper_never_stops(mended: bool) -> Seen:
    """LGBMClassifier with dart and lgb.early_stopping trains all its rounds, worse and worse."""
    rng = np.random.default_rng(64)
    X = rng.integers(-10, 10, size=(1600, 2))
    y = draw(0.1 * X[:, 0], rng)
    a, v, t = thirds(len(y))
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    model = lgb.LGBMClassifier(
        boosting_type="gbdt" if mended else "dart", learning_rate=0.1, n_estimators=300, n_jobs=1, verbosity=-1
    )
    stop = lgb.early_stopping(30, verbose=False)
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], eval_metric="logloss", callbacks=[stop, callback])
    return Seen(log_loss(y[t], model.predict_proba(X[t])[:, 1]), told(callback.run.findings))


@situation(
    "dmlc/xgboost #7878",
    "wrapper",
    measure="log loss",
    cause=r"(stop|last).{0,80}(train|validation_1)|(train|validation_1).{0,80}(stop|last)",
    misleading=r"leak|disguise|try drop=",
)
def training_rows_last_in_eval_set(mended: bool) -> Seen:
    """evallist is written as the documentation had it, training last: early stopping targets the train score."""
    rng = np.random.default_rng(65)
    X = rng.normal(size=(2000, 6))
    y = draw(X[:, 0] + X[:, 1] * X[:, 2], rng)
    a, v, t = thirds(len(y))
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    model = xgb.XGBClassifier(
        learning_rate=0.2, n_estimators=300, n_jobs=1, verbosity=0, early_stopping_rounds=20, callbacks=[callback]
    )
    sets = [(X[v], y[v]), (X[a], y[a])]
    model.fit(X[a], y[a], eval_set=sets[::-1] if mended else sets, verbose=False)
    return Seen(log_loss(y[t], model.predict_proba(X[t])[:, 1]), told(callback.run.findings))


def compared(*runs: treedebug.Run) -> tuple[Said, ...]:
    return told(treedebug.compare(*runs, config=DEFAULTS).findings)


@situation(
    "lightgbm-org/LightGBM #3506",
    "runs that differ by seed alone",
    measure="runs for nothing",
    asked="compare",
    cause=r"\bseed\b|random|sampl|same (trees|model)|changed nothing",
    misleading=ELSEWHERE,
)
def another_seed_and_the_same_model(mended: bool) -> Seen:
    """random_state=1 and random_state=2 give the same model: nothing in it is drawn at random."""
    X, y = _ranked(np.full(150, 8))
    params = {"num_leaves": 7} | ({"bagging_fraction": 0.5, "bagging_freq": 1} if mended else {})
    runs, models = [], []
    for seed in (1, 2):
        d = lgb.Dataset(X[:900], y[:900])
        m, run = lgb_recorded(params | {"seed": seed}, d, 30, [(d.create_valid(X[900:], y[900:]), "valid")])
        runs.append(run)
        models.append(m.predict(X[900:]))
    return Seen(float(np.array_equal(*models)), compare=compared(*runs))


@situation(
    "seg/2016-ml-contest #113",
    "runs that differ by seed alone",
    measure="log loss",
    asked="compare",
    cause=r"\bseed\b|averag",
    misleading=ELSEWHERE,
)
def the_seed_decides_the_score(mended: bool) -> Seen:
    """The random seed alone swings F1 by 0.015, and the best seed is handed in. The mean of the models is better."""
    rng = np.random.default_rng(66)
    X = rng.normal(size=(1500, 10))
    y = draw(X[:, 0] + X[:, 1] * X[:, 2], rng)
    a, v, t = slice(0, 300), slice(300, 600), slice(600, 1500)
    runs, models = [], []
    for seed in range(8 if mended else 2):
        params = {"objective": "binary:logistic", "eta": 0.2, "subsample": 0.4, "colsample_bytree": 0.3, "seed": seed}
        m, run = xgb_recorded(params, xgb.DMatrix(X[a], y[a]), 50, [(xgb.DMatrix(X[v], y[v]), "valid")])
        runs.append(run)
        models.append(m.predict(xgb.DMatrix(X[t])))
    loss = log_loss(y[t], np.mean(models, axis=0) if mended else models[1])
    return Seen(loss, compare=() if mended else compared(*runs))


@situation(
    "lightgbm-org/LightGBM #695",
    "parameters at the edge of a search",
    measure="RMSE",
    asked="compare",
    cause=(
        r"\bedge\b|\bbound|end of the (search|range)|(largest|smallest|highest|"
        r"lowest) (value )?(tried|of)|widen|beyond"
    ),
    misleading=ELSEWHERE,
)
def the_best_value_is_the_last_tried(mended: bool) -> Seen:
    """Which ranges are good for a search? The best of 2, 3 and 4 leaves is 4: the range ends too early."""
    rng = np.random.default_rng(67)
    X = rng.uniform(-1, 1, size=(3000, 3))
    y = np.sign(X[:, 0] * X[:, 1]) * np.sin(5 * X[:, 2]) + 0.2 * rng.normal(size=3000)
    a, v, t = thirds(len(y))
    runs, losses = [], []
    for leaves in (4, 16, 64, 200) if mended else (2, 3, 4):
        d = lgb.Dataset(X[a], y[a])
        params = {"num_leaves": leaves, "learning_rate": 0.1}
        m, run = lgb_recorded(params, d, 40, [(d.create_valid(X[v], y[v]), "valid")])
        runs.append(run)
        losses.append(rmse(y[t], m.predict(X[t])))
    return Seen(min(losses), compare=compared(*runs))
