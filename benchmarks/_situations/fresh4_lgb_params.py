"""The fourth fresh batch, of LightGBM: parameters, the scikit-learn wrapper, and what LightGBM refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

import treedebug

from .core import Seen, situation
from .parameters import ELSEWHERE, waves
from .training import noisy
from .ways import DEFAULTS, ask_params, ask_table, draw, lgb_run, log_loss, one_minus_auc, refused, rmse, thirds, told


@situation(
    "microsoft/FLAML #171", "ignored parameters", measure="log loss",
    cause=r"subsample_freq|bagging_freq", misleading=ELSEWHERE,
)  # fmt: skip
def a_subsample_that_is_never_drawn(mended: bool) -> Seen:
    """A search over LGBMClassifier's subsample changes nothing: subsample_freq is 0, and no row is ever left out."""
    X, y = noisy(1600, 211)
    a, v, t = thirds(len(y))
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    freq = {"subsample_freq": 1} if mended else {}
    model = lgb.LGBMClassifier(
        n_estimators=150, learning_rate=0.05, num_leaves=15, subsample=0.4, n_jobs=1, verbosity=-1, **freq
    )
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], callbacks=[callback])
    return Seen(log_loss(y[t], model.predict_proba(X[t])[:, 1]), told(callback.run.findings))


@situation(
    "lightgbm-org/LightGBM #6385", "rounds", measure="RMSE", asked="params",
    cause=r"n_estimators.{0,200}(num_boost_round|argument|200|instead|overrid|wins|other name)|"
    r"num_boost_round.{0,160}n_estimators",
    misleading=ELSEWHERE,
)  # fmt: skip
def the_rounds_in_the_parameters_win(mended: bool) -> Seen:
    """'Found n_estimators in params. Will use it instead of argument': 20 rounds, where num_boost_round says 200."""
    X, y = waves()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"num_leaves": 15, "learning_rate": 0.1} | ({} if mended else {"n_estimators": 20})
    m, run = lgb_run(params, d, 200, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 200))


@situation(
    "lightgbm-org/LightGBM #1419", "rows of a leaf", measure="log loss",
    cause=r"min_data_in_leaf|min_child_samples|rows? (of|in|a) (a |each )?leaf", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def columns_too_rare_for_a_leaf(mended: bool) -> Seen:
    """Not all features are used: min_data_in_leaf is 420, and what is 1 in fewer rows than that is never split on."""
    rng = np.random.default_rng(212)
    n = 8000
    rare = (rng.random((n, 8)) < 0.06).astype(float)
    X = np.c_[rng.normal(size=(n, 4)), rare]
    y = draw(0.7 * X[:, 0] + 0.4 * X[:, 1] + rare @ np.array([3, 3, -3, 2.5, -2.5, 3, -3, 2.5]) - 0.4, rng)
    a, v, t = thirds(n)
    params = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.05}
    params |= {"min_data_in_leaf": 20 if mended else 420}
    d = lgb.Dataset(X[a], y[a], params=params, free_raw_data=False)
    m, run = lgb_run(params, d, 100, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, 100))


@situation(
    "lightgbm-org/LightGBM #4491", "categories", measure="RMSE",
    cause=r"min_data_per_group|categor.{0,200}(few rows|never|not (used|split)|rows? (of|behind|per|a) )",
    misleading=ELSEWHERE,
)  # fmt: skip
def five_categories_of_thirty_rows(mended: bool) -> Seen:
    """The importance of a categorical feature is 0: it has five categories of 26 rows, and a group must have 100."""
    rng = np.random.default_rng(213)
    n = 520
    code = rng.integers(0, 5, n)
    X = np.c_[rng.normal(size=(n, 4)), code]
    y = np.array([2.0, -1.5, 0.5, 1.5, -2.0])[code] + X[:, 0] + 0.5 * rng.normal(size=n)
    a, v, t = slice(0, 130), slice(130, 260), slice(260, n)
    params: dict[str, Any] = {"num_leaves": 7, "min_data_in_leaf": 10}
    params |= {"min_data_per_group": 10, "cat_smooth": 2, "cat_l2": 1} if mended else {}
    d = lgb.Dataset(X[a], y[a], categorical_feature=[4], params=params, free_raw_data=False)
    m, run = lgb_run(params, d, 80, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 80))


@situation(
    "lightgbm-org/LightGBM #1762", "blocked splits", measure="1 - AUC",
    cause=r"min_child_weight|min_sum_hessian|min_child_samples|min_data_in_leaf|(few|too few|61|48) rows",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def one_tree_of_sixty_rows(mended: bool) -> Seen:
    """Only one feature has an importance: of 61 rows, a leaf must have a hessian of 5, which is 20 of them at least."""
    rng = np.random.default_rng(214)
    n = 561
    X = rng.normal(size=(n, 12))
    y = draw(2.5 * X[:, 0] + 2.0 * X[:, 1] - 2.0 * X[:, 2], rng)
    a, v, t = slice(0, 61), slice(61, 261), slice(261, n)
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    model = lgb.LGBMClassifier(
        n_estimators=100, learning_rate=0.1, colsample_bytree=0.8, subsample=0.8, subsample_freq=1, n_jobs=1,
        min_child_samples=10, min_child_weight=1e-3 if mended else 5, verbosity=-1,
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], callbacks=[callback])
    return Seen(one_minus_auc(y[t], model.predict_proba(X[t])[:, 1]), told(callback.run.findings))


@situation(
    "lightgbm-org/LightGBM #3702", "imbalance", measure="log loss",
    cause=r"(pos|neg)_bagging_fraction|bagging.{0,160}(class|positive|negative|probabilit|share)", misleading=ELSEWHERE,
)  # fmt: skip
def negatives_that_are_hardly_drawn(mended: bool) -> Seen:
    """How to deal with imbalance: neg_bagging_fraction=0.05 makes the bags even, and the probabilities far too high."""
    rng = np.random.default_rng(215)
    X = rng.normal(size=(8000, 6))
    y = draw(1.2 * X[:, 0] + X[:, 1] * X[:, 2] - 3.6, rng)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params: dict[str, Any] = {"objective": "binary", "metric": "auc", "num_leaves": 7, "learning_rate": 0.05}
    params |= {"bagging_freq": 1} | (
        {"bagging_fraction": 0.7} if mended else {"pos_bagging_fraction": 1.0, "neg_bagging_fraction": 0.05}
    )
    m, run = lgb_run(params, d, 120, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, 120))


def _ndcg(label: np.ndarray, score: np.ndarray, query: np.ndarray) -> float:
    """NDCG at 5, by query."""
    worth = []
    for q in np.unique(query):
        y, s = label[query == q], score[query == q]
        discount = 1 / np.log2(np.arange(2, 2 + min(5, len(y))))
        best = np.sort(y)[::-1][:5]
        if best[0] > 0:
            got = y[np.argsort(-s, kind="stable")][:5]
            worth.append(float(((2.0**got - 1) @ discount) / ((2.0**best - 1) @ discount)))
    return float(np.mean(worth))


@situation(
    "lightgbm-org/LightGBM #6814", "queries that are cut apart", measure="1 - NDCG@5",
    cause=r"(quer|group).{0,240}(order|sorted|value_counts|descend|size|falling|cut|rows of)", misleading=ELSEWHERE,
)  # fmt: skip
def queries_counted_by_value_counts(mended: bool) -> Seen:
    """LGBMRanker(group=...) from value_counts(), which begins with the largest query: the rows begin with the first."""
    rng = np.random.default_rng(216)
    q = np.repeat(np.arange(300), rng.integers(4, 25, 300))
    n = len(q)
    X = rng.normal(size=(n, 6))
    level = rng.normal(size=300)[q]
    relevance = X[:, 0] + X[:, 1] * X[:, 2] + 0.6 * rng.normal(size=n)
    y = np.digitize(relevance + 2.5 * level, [0.0, 1.5, 3.0])
    X[:, 5] = level + 0.3 * rng.normal(size=n)
    a, v, t = q < 150, (q >= 150) & (q < 220), q >= 220
    sizes = pd.Series(q[a]).value_counts(sort=not mended)
    held = pd.Series(q[v]).value_counts(sort=not mended)
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    model = lgb.LGBMRanker(n_estimators=80, num_leaves=7, n_jobs=1, verbosity=-1)
    model.fit(
        X[a], y[a], group=sizes.to_numpy(), eval_set=[(X[v], y[v])], eval_group=[held.to_numpy()], eval_at=[5],
        callbacks=[callback],
    )  # fmt: skip
    return Seen(1 - _ndcg(y[t], model.predict(X[t]), q[t]), told(callback.run.findings))


@situation(
    "lightgbm-org/LightGBM #2706", "missing values", measure="RMSE", asked="table",
    cause=r"missing.{0,240}(training|valid|other|another rate|none|only)|(training|valid).{0,160}missing",
    misleading=ELSEWHERE,
)  # fmt: skip
def missing_where_nothing_was_missing(mended: bool) -> Seen:
    """A feature is complete in training and has gaps later: no error, the gaps are taken for 0, and results drop."""
    rng = np.random.default_rng(217)
    n = 4000
    X = np.c_[rng.normal(50, 8, n), rng.normal(size=(n, 3))]
    y = 0.3 * X[:, 0] + X[:, 1] + 0.5 * rng.normal(size=n)
    gap = rng.random(n) < 0.25
    late = np.arange(n) >= n // 2
    X[gap & (late | mended), 0] = np.nan
    a, v, t = thirds(n)
    asked = ask_table(X[a], y[a], valid=(X[v], y[v]))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    m, run = lgb_run({"num_leaves": 15}, d, 100, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, table=asked)


def _stopped(train: Callable[[], Any]) -> float:
    """1 if LightGBM refuses, or its callback for early stopping does."""
    try:
        return refused(train)
    except ValueError:
        return 1.0


@situation(
    "lightgbm-org/LightGBM #2501", "refused values", measure="training is refused", asked="params",
    cause=r"top_rate.{0,160}other_rate|other_rate.{0,160}top_rate", misleading=ELSEWHERE,
)  # fmt: skip
def goss_rates_that_sum_above_one(mended: bool) -> Seen:
    """goss with top_rate=0.6 and other_rate=0.5: other_rate is a share of all rows, and both must not exceed 1."""
    X, y = waves(800)
    d = lgb.Dataset(X, y, free_raw_data=False)
    params = {"boosting": "goss", "top_rate": 0.6, "other_rate": 0.3 if mended else 0.5}
    failed = refused(lambda: lgb.train({"verbosity": -1, "num_threads": 1, **params}, d, 5))
    return Seen(failed, params=ask_params(params, d, 5))


@situation(
    "lightgbm-org/LightGBM #4083", "refused values", measure="training is refused", asked="params",
    cause=r"monotone_constraints.{0,200}(feature|column|3|length|entries|values)", misleading=ELSEWHERE,
)  # fmt: skip
def constraints_for_fewer_columns(mended: bool) -> Seen:
    """monotone_constraints has a value less than there are columns: a stacked model was given one column more."""
    X, y = waves(800)
    d = lgb.Dataset(X, y, free_raw_data=False)
    params = {"monotone_constraints": [0, 0, 0, 1, 0, 0] if mended else [0, 0, 0, 1, 0]}
    failed = refused(lambda: lgb.train({"verbosity": -1, "num_threads": 1, **params}, d, 5))
    return Seen(failed, params=ask_params(params, d, 5))


@situation(
    "lightgbm-org/LightGBM #5657", "refused values", measure="training is refused", asked="params",
    cause=r"max_bin.{0,240}(Dataset|construct|already|63|bins)|(Dataset|constructed).{0,160}max_bin",
    misleading=ELSEWHERE,
)  # fmt: skip
def a_search_over_what_the_dataset_has_fixed(mended: bool) -> Seen:
    """'Cannot change max_bin after constructed Dataset handle': the second trial of a search uses the same Dataset."""
    X, y = waves(800)
    d = lgb.Dataset(X, y)
    lgb.train({"max_bin": 63, "verbosity": -1, "num_threads": 1}, d, 2)
    params = {"max_bin": 63 if mended else 255}
    asked = ask_params(params, d, 5)
    failed = refused(lambda: lgb.train({"verbosity": -1, "num_threads": 1, **params}, d, 5))
    return Seen(failed, params=asked)


@situation(
    "lightgbm-org/LightGBM #1597", "refused values", measure="training is refused", asked="params",
    cause=r"f1_macro.{0,200}(metric|know|unknown|own|feval)|metric.{0,160}f1_macro", misleading=ELSEWHERE,
)  # fmt: skip
def a_metric_that_lightgbm_does_not_know(mended: bool) -> Seen:
    """metric='f1_macro' is unknown and dropped; early stopping then says at least one metric is required."""
    X, y = noisy(1200, 218)
    d = lgb.Dataset(X[:600], y[:600], free_raw_data=False)
    dv = d.create_valid(X[600:], y[600:])
    params = {"objective": "binary", "metric": "binary_error" if mended else "f1_macro"}
    asked = ask_params(params, d, 30, evals=[(dv, "valid")], early_stopping_rounds=10)
    stop = lgb.early_stopping(10, verbose=False)
    given = {"verbosity": -1, "num_threads": 1, **params}
    failed = _stopped(lambda: lgb.train(given, d, 30, valid_sets=[dv], callbacks=[stop]))
    return Seen(failed, params=asked)


@situation(
    "lightgbm-org/LightGBM #3719", "refused values", measure="training is refused", asked="params",
    cause=r"\bauc\b.{0,200}(two|binary|class|auc_mu)|auc_mu", misleading=ELSEWHERE,
)  # fmt: skip
def an_auc_of_three_classes(mended: bool) -> Seen:
    """'Multiclass objective and metrics don't match': auc is for two classes, and auc_mu for more."""
    rng = np.random.default_rng(219)
    X = rng.normal(size=(600, 4))
    y = rng.integers(0, 3, 600)
    d = lgb.Dataset(X, y, free_raw_data=False)
    params = {"objective": "multiclass", "num_class": 3, "metric": ["auc_mu" if mended else "auc", "multi_logloss"]}
    failed = refused(lambda: lgb.train({"verbosity": -1, "num_threads": 1, **params}, d, 5))
    return Seen(failed, params=ask_params(params, d, 5))
