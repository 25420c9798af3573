"""The fourth fresh batch, XGBoost: its parameters, rounds and stopping, and the data it is given."""

from __future__ import annotations

from typing import Any

import numpy as np
import xgboost as xgb

import treedebug

from .core import Seen, situation
from .parameters import ELSEWHERE, waves
from .training import noisy
from .ways import DEFAULTS, ask_params, draw, log_loss, one_minus_auc, rmse, thirds, told, xgb_run

MORE_ROUNDS = r"n_estimators|num_boost_round|more rounds|still improving|too few rounds"


@situation("dmlc/xgboost #4565", "underfitting", measure="1 - AUC", cause=MORE_ROUNDS, misleading=ELSEWHERE)
def always_after_99_rounds(mended: bool) -> Seen:
    """'No matter what early_stopping_rounds is, it stops after 99': n_estimators is left at 100, at a rate of 0.01."""
    rng = np.random.default_rng(421)
    X = rng.normal(size=(4000, 10))
    y = draw(X[:, 0] + X[:, 1] * X[:, 2] + 0.8 * np.abs(X[:, 3]) + 0.6 * X[:, 4] * X[:, 5], rng)
    a, v, t = thirds(len(y))
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    model = xgb.XGBClassifier(
        max_depth=2, learning_rate=0.01, objective="binary:logistic", early_stopping_rounds=200, eval_metric="auc",
        random_state=7, n_jobs=1, verbosity=0, callbacks=[callback], **({"n_estimators": 3000} if mended else {}),
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], verbose=False)
    return Seen(one_minus_auc(y[t], model.predict_proba(X[t])[:, 1]), told(callback.run.findings))


@situation(
    "dmlc/xgboost #264", "early stopping: the best round", measure="log loss",
    cause=r"iteration_range|save_best|best_iteration|rounds? after (the|its) best|(predict|model).{0,120}best round|"
    r"best round.{0,120}(predict|model|kept|cut)",
    misleading=ELSEWHERE,
)  # fmt: skip
def predict_takes_the_last_round(mended: bool) -> Seen:
    """Early stopping names a best round, and 'the returned model is not the best': predict() sums all the trees."""
    X, y = noisy(2400, 422)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.3, "max_depth": 6}
    more: dict[str, Any] = {"early_stopping_rounds": 100}
    if mended:
        more = {"callbacks": [xgb.callback.EarlyStopping(rounds=100, save_best=True)]}
    m, run = xgb_run(params, d, 1000, [(d, "train"), (dv, "valid")], **more)
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run)


@situation(
    "dmlc/xgboost #6072", "ignored parameters", measure="RMSE",
    cause=r"n_estimators|early_stopping_rounds.{0,120}(ignored|no parameter|argument|unknown)|num_boost_round",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def arguments_among_the_parameters(mended: bool) -> Seen:
    """'Parameters: { early_stopping_rounds, evals, .. } might not be used': what train() takes stands in its params."""
    X, y = waves()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params: dict[str, Any] = {"learning_rate": 0.05, "max_depth": 4}
    if mended:
        m, run = xgb_run(params, d, 1000, [(dv, "valid")], early_stopping_rounds=20)
        return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 1000, evals=[(dv, "valid")]))
    params |= {"n_estimators": 1000, "early_stopping_rounds": 20, "verbose": False}
    m, run = xgb_run(params, d, 10, [(dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 10, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #2987", "margins", measure="Poisson deviance",
    cause=r"(margin|offset|starting score|base_score).{0,240}(mean|start|far|average|rate|level|\blog\b)|"
    r"start.{0,120}(margin|offset)",
    misleading=ELSEWHERE,
)  # fmt: skip
def the_offset_knows_the_years_only(mended: bool) -> Seen:
    """count:poisson with base_margin=log(years): that replaces base_score, and the trees begin at one claim a year."""
    rng = np.random.default_rng(423)
    X = rng.normal(size=(6000, 5))
    years = rng.uniform(0.1, 2, 6000)
    y = rng.poisson(0.04 * np.exp(0.5 * X[:, 0] + 0.4 * X[:, 1]) * years)
    a, v, t = thirds(len(y))
    offset = np.log(years) + (np.log(y[a].sum() / years[a].sum()) if mended else 0.0)
    d, dv, dt = (xgb.DMatrix(X[i], y[i], base_margin=offset[i]) for i in (a, v, t))
    params = {"objective": "count:poisson", "eta": 0.05, "max_depth": 3}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    p = m.predict(dt)
    loss = float(np.mean(2 * (np.where(y[t] > 0, y[t] * np.log(np.maximum(y[t], 1) / p), 0) - y[t] + p)))
    return Seen(loss, run, ask_params(params, d, 60, evals=[(d, "train"), (dv, "valid")]))


@situation(
    "dmlc/xgboost #10169", "constraints", measure="RMSE", cause="interaction_constraints|interact",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def a_product_of_three_in_pairs(mended: bool) -> Seen:
    """The target is a product of three features, and interaction_constraints=[[0, 1], [1, 2]] never joins all three."""
    rng = np.random.default_rng(424)
    X = rng.normal(size=(4000, 3))
    y = X.prod(axis=1) + 0.2 * rng.normal(size=4000)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params: dict[str, Any] = {"eta": 0.1, "max_depth": 5}
    params |= {} if mended else {"interaction_constraints": "[[0, 1], [1, 2]]"}
    m, run = xgb_run(params, d, 150, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 150, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #9989", "validation rows in training", measure="RMSE told and not true",
    cause=r"(valid|eval|test)\w*.{0,120}(in the training|same rows|part of|training rows|training data|trained on)|"
    r"overlap|same rows",
    misleading="try drop=|disguise",
)  # fmt: skip
def the_test_rows_are_in_the_matrix(mended: bool) -> Seen:
    """The example of the docs builds QuantileDMatrix(X, y) of all rows, and X_test is a part of them."""
    X, y = waves(1600, 0.8)
    a, v, t = thirds(len(y))
    given = a if mended else slice(0, v.stop)
    d = xgb.QuantileDMatrix(X[given], y[given])
    dv = xgb.QuantileDMatrix(X[v], y[v], ref=d)
    params = {"tree_method": "hist", "eta": 0.1, "max_depth": 6}
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], early_stopping_rounds=10)
    told_and_true = [
        rmse(y[i], m.predict(xgb.DMatrix(X[i]), iteration_range=(0, m.best_iteration + 1))) for i in (v, t)
    ]
    return Seen(abs(told_and_true[1] - told_and_true[0]), run)


@situation(
    "dmlc/xgboost #10827", "overfitting", measure="RMSE", cause=r"max_depth|\bdeep|overfit|\bthin|memori",
    misleading=ELSEWHERE,
)  # fmt: skip
def a_forest_does_better_than_depth_thirty(mended: bool) -> Seen:
    """'How can a random forest outperform XGBoost?' The search goes over depths of 13 to 35, and rates up to 0.5."""
    X, y = waves(1600, 0.7)
    a, v, t = thirds(len(y))
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    model = xgb.XGBRegressor(
        n_estimators=300, max_depth=4 if mended else 27, learning_rate=0.1, n_jobs=1, verbosity=0, callbacks=[callback],
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[a], y[a]), (X[v], y[v])], verbose=False)
    return Seen(rmse(y[t], model.predict(X[t])), told(callback.run.findings))


@situation(
    "dmlc/xgboost #5717", "linear booster", measure="RMSE", cause="gblinear|linear (booster|model)",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def a_booster_without_trees(mended: bool) -> Seen:
    """'Parameters: { max_depth } might not be used', though it stands in the list: the search has set gblinear."""
    X, y = waves()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"booster": "gbtree" if mended else "gblinear", "max_depth": 4, "learning_rate": 0.1}
    m, run = xgb_run(params, d, 100, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 100, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #5751", "continued training", measure="RMSE",
    cause=r"\b(50|few|fewer|other|new|small)\b.{0,60}\brows|continu|earlier (model|trees|rounds)",
    misleading=ELSEWHERE,
)  # fmt: skip
def a_thousand_rounds_for_every_fifty_rows(mended: bool) -> Seen:
    """Training is continued over parts of 50 rows with 1,000 rounds each; the model grows to 1.2 TB. Here 200 each."""
    X, y = waves(2400, 0.6)
    a, v, t = thirds(len(y))
    dv = xgb.DMatrix(X[v], y[v])
    params = {"eta": 0.1, "max_depth": 6}
    if mended:
        d = xgb.DMatrix(X[a], y[a])
        m, run = xgb_run(params, d, 100, [(d, "train"), (dv, "valid")])
        return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 100, evals=[(dv, "valid")]))
    m = None
    for i in range(0, 600, 50):
        d = xgb.DMatrix(X[i : i + 50], y[i : i + 50])
        m, run = xgb_run(params, d, 200, [(d, "train"), (dv, "valid")], xgb_model=m)
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 200, evals=[(dv, "valid")]))


@situation("dmlc/xgboost #6118", "ignored parameters", measure="RMSE", cause="colsample_by_?tree", misleading=ELSEWHERE)
def colsample_by_tree(mended: bool) -> Seen:
    """'colsample_by_tree might not be used': the name is colsample_bytree, and noise is drawn into every tree."""
    rng = np.random.default_rng(425)
    sense = rng.normal(size=(400, 30))
    X = sense.repeat(5, axis=1) + rng.normal(size=(400, 150))
    y = sense.sum(axis=1) + 0.6 * rng.normal(size=400)
    a, v, t = thirds(len(y))
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    name = "colsample_bytree" if mended else "colsample_by_tree"
    model = xgb.XGBRegressor(
        n_estimators=300, min_child_weight=1, max_depth=6, subsample=0.9, learning_rate=0.05,
        n_jobs=1, verbosity=0, callbacks=[callback], **{name: 0.3},
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], verbose=False)
    return Seen(rmse(y[t], model.predict(X[t])), told(callback.run.findings))


@situation("dmlc/xgboost #5976", "overfitting", measure="RMSE", cause="min_child_weight", misleading=ELSEWHERE)
def one_hundredth_of_the_rows(mended: bool) -> Seen:
    """min_child_weight=0.05 was read to mean a share of the rows: it is a sum of hessians, and limits nothing."""
    X, y = waves(2400, 1.0)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eta": 0.1, "max_depth": 8, "min_child_weight": 0.05 * 1200 if mended else 0.05}
    m, run = xgb_run(params, d, 80, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 80, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #211", "forests", measure="RMSE", cause=r"\beta\b|learning_rate|learning rate|shrink",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def a_forest_at_the_default_rate(mended: bool) -> Seen:
    """'For a random forest set colsample < 1, subsample < 1 and round = 1': eta stays at 0.3, and shrinks it."""
    X, y = waves()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params: dict[str, Any] = {"num_parallel_tree": 100, "subsample": 0.63, "colsample_bynode": 0.7, "max_depth": 12}
    params |= {"eta": 1.0} if mended else {}
    m, run = xgb_run(params, d, 1, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 1, evals=[(dv, "valid")]))
