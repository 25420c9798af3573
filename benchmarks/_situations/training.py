"""Trainings that learn too much, too little, or nothing: rounds, rates, small data, weights, continued models."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .ways import ask_params, ask_table, draw, lgb_run, log_loss, one_minus_auc, rmse, thirds, xgb_run

ELSEWHERE = r"leak|disguise|try drop=|identifier"
OVERFIT = r"overfit|overtrain|best (in|round)|validation.{0,60}worse"


def noisy(n: int = 1600, seed: int = 41) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 8))
    return X, draw(0.7 * X[:, 0] + 0.7 * X[:, 1] * X[:, 2], rng)


@situation("dmlc/xgboost #2777", "overfitting", measure="log loss", cause=OVERFIT, misleading=ELSEWHERE)
def eta_one_and_a_hundred_thousand_rounds(mended: bool) -> Seen:
    """eval-logloss rises for 68,000 rounds while train-logloss goes to 0: 'you are overfitting, eta=1 is too high'."""
    X, y = noisy()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.05 if mended else 1.0, "max_depth": 3}
    stop = {"early_stopping_rounds": 30} if mended else {}
    m, run = xgb_run(params, d, 400, [(d, "train"), (dv, "eval")], **stop)
    end = (0, m.best_iteration + 1) if mended else (0, 0)
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]), iteration_range=end)), run)


@situation(
    "lightgbm-org/LightGBM #125", "overfitting", measure="RMSE", cause=OVERFIT + "|thin|few rows", misleading=ELSEWHERE
)
def a_thousand_leaves(mended: bool) -> Seen:
    """Leaf-wise growth over-fits where data is small: num_leaves=1023 on 1,500 rows."""
    rng = np.random.default_rng(42)
    X = rng.normal(size=(3000, 8))
    y = X[:, 0] + X[:, 1] * X[:, 2] + 2 * rng.normal(size=3000)
    a, v, t = thirds(len(y))
    params = {"num_leaves": 7, "min_data_in_leaf": 30} if mended else {"num_leaves": 1023, "min_data_in_leaf": 1}
    d = lgb.Dataset(X[a], y[a])
    m, run = lgb_run(params | {"learning_rate": 0.1}, d, 60, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run)


UNDERFIT = (
    r"underfit|(more|few) rounds|too (few|small|low)|larger steps|unfinished|still improving|of the error standing"
)


@situation(
    "lightgbm-org/LightGBM #925",
    "underfitting",
    measure="log loss",
    cause=UNDERFIT,
    misleading=ELSEWHERE + "|overfit|early stopping goes by",
)
def ten_rounds_at_a_hundredth(mended: bool) -> Seen:
    """All probabilities are very close to 0.5: ten rounds at a learning rate of 0.01."""
    X, y = noisy(3000)
    a, v, t = thirds(len(y))
    params = {"objective": "binary", "learning_rate": 0.05 if mended else 0.01, "num_leaves": 21}
    params |= {"min_child_samples": 30}
    rounds = 60 if mended else 10
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    m, run = lgb_run(params, d, rounds, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, rounds))


@situation("dmlc/xgboost #2510", "underfitting", measure="RMSE", cause=UNDERFIT, misleading=ELSEWHERE + "|overfit")
def why_are_many_rounds_needed(mended: bool) -> Seen:
    """Why does a very simple data set take so many rounds? eta is 0.01, and 60 rounds go half of the way."""
    rng = np.random.default_rng(43)
    X = rng.uniform(size=(1200, 4))
    y = 1 + 4 * (X[:, 0] > 0.5) + 2 * (X[:, 1] > 0.3) + 0.2 * rng.normal(size=1200)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eta": 0.1 if mended else 0.01, "max_depth": 2}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 60))


SMALL = r"min_data_in_leaf|min_child_samples|(few|small|only|too).{0,40}rows|rows.{0,60}(split|leaf)"


@situation(
    "lightgbm-org/LightGBM #5783",
    "too little data for the defaults",
    measure="distinct predictions missing",
    cause=SMALL,
    misleading=ELSEWHERE + "|try min_data_in_leaf=20|constant feature",
)
def thirty_rows_and_default_leaves(mended: bool) -> Seen:
    """LGBMRegressor always gives the same value: with 30 rows no split leaves 20 rows on both sides."""
    rng = np.random.default_rng(44)
    X = rng.normal(size=(130, 5))
    y = 3 * X[:, 0] + rng.normal(size=130)
    d = lgb.Dataset(X[:30], y[:30], params={"min_data_in_bin": 1}, free_raw_data=False)
    params = {"min_data_in_leaf": 3, "min_data_in_bin": 1} if mended else {"min_data_in_bin": 1}
    m, run = lgb_run(params, d, 60, [(d, "train")])
    asked = ask_params(params, d, 60)
    return Seen(float(len(np.unique(m.predict(X[30:]))) == 1), run, asked, ask_table(X[:30], y[:30]))


@situation(
    "lightgbm-org/LightGBM #380",
    "too little data for the defaults",
    measure="1 - AUC",
    cause=SMALL + "|blocking",
    misleading=ELSEWHERE + "|try min_data_in_leaf=(20|100)|overfit",
)
def a_hundred_rows_behind_every_leaf(mended: bool) -> Seen:
    """150 rows and min_data=100: LightGBM is far behind XGBoost, for it learns no real model."""
    X, y = noisy(1500, 45)
    a, t = slice(0, 150), slice(300, 1500)
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[150:300], y[150:300])
    params = {"objective": "binary", "min_data_in_leaf": 10 if mended else 100, "num_leaves": 5}
    m, run = lgb_run(params, d, 40, [(dv, "valid")])
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run, ask_params(params, d, 40, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #1088",
    "blocking regularization",
    measure="log loss",
    cause=r"alpha|lambda|min_child_weight|regulari[sz]ation",
    misleading=ELSEWHERE + "|try max_depth=|constant feature",
)
def every_prediction_is_one_half(mended: bool) -> Seen:
    """All results are 0.5: lambda=300 and alpha=100 on a small table forbid every split."""
    rng = np.random.default_rng(46)
    X = rng.normal(size=(600, 8))
    y = draw(2 * X[:, 0], rng)
    a, v, t = slice(0, 150), slice(150, 300), slice(300, 600)
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3, "min_child_weight": 5}
    params |= {"alpha": 0, "lambda": 1} if mended else {"alpha": 100, "lambda": 300}
    m, run = xgb_run(params, d, 25, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 25, evals=[(dv, "valid")]))


@situation(
    "lightgbm-org/LightGBM #3953",
    "blocking regularization",
    measure="log loss",
    cause=r"min_child_weight|min_sum_hessian",
    misleading=ELSEWHERE + "|constant feature|try num_leaves=",
)
def a_grid_with_a_weight_of_ten_thousand(mended: bool) -> Seen:
    """The grid of a search holds min_child_weight from 1e-5 to 1e4; with the last no tree splits."""
    X, y = noisy(2000, 47)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    params = {"objective": "binary", "min_child_weight": 1e-3 if mended else 1e4, "num_leaves": 7}
    m, run = lgb_run(params, d, 50, [(dv, "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, 50, evals=[(dv, "valid")]))


WEIGHTS = r"\bweights?\b.{0,120}(small|scale|sum|mean|tiny|average)|(hessian|min_child_weight).{0,160}\bweights\b"


@situation(
    "dmlc/xgboost #3684",
    "sample weights",
    measure="1 - AUC",
    cause=WEIGHTS,
    misleading=ELSEWHERE + "|constant feature|try max_depth=",
)
def weights_of_a_thousandth(mended: bool) -> Seen:
    """Weights are scaled to 10^-3 and AUC is 0.5: min_child_weight and lambda count in weights, too."""
    X, y = noisy(2400, 48)
    a, v, t = thirds(len(y))
    w = np.full(len(y), 1.0 if mended else 1e-3)
    d, dv = xgb.DMatrix(X[a], y[a], weight=w[a]), xgb.DMatrix(X[v], y[v], weight=w[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 4}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    asked = ask_params(params, d, 60, evals=[(dv, "valid")])
    table = ask_table(X[a], y[a], weight=w[a])
    return Seen(one_minus_auc(y[t], m.predict(xgb.DMatrix(X[t]))), run, asked, table)


@situation(
    "lightgbm-org/LightGBM #407",
    "sample weights",
    measure="1 - AUC",
    cause=WEIGHTS,
    misleading=ELSEWHERE + "|constant feature|try num_leaves=",
)
def weights_that_sum_to_one(mended: bool) -> Seen:
    """AdaBoost gives weights of 1/n, and LightGBM never learns: no leaf has the hessian it asks for."""
    X, y = noisy(6000, 49)
    a, v, t = thirds(len(y))
    w = np.full(len(y), 1.0 if mended else 1.0 / 1e6)
    d = lgb.Dataset(X[a], y[a], weight=w[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v], weight=w[v])
    params = {"objective": "binary", "num_leaves": 15}
    m, run = lgb_run(params, d, 40, [(dv, "valid")])
    asked = ask_params(params, d, 40, evals=[(dv, "valid")])
    return Seen(one_minus_auc(y[t], m.predict(X[t])), run, asked, ask_table(X[a], y[a], weight=w[a]))


@situation("dmlc/xgboost #3297", "continued training", measure="log loss", cause=OVERFIT, misleading=ELSEWHERE)
def continued_far_past_the_best(mended: bool) -> Seen:
    """Training goes on from a saved model, round upon round, and the test gets worse than the first model was."""
    X, y = noisy(2000, 50)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.3, "max_depth": 4, "nthread": 1}
    first = xgb.train({**params, "eta": 0.1}, d, 20)
    m, run = xgb_run(params, d, 3 if mended else 150, [(d, "train"), (dv, "valid")], xgb_model=first)
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run)


@situation(
    "dmlc/xgboost #5192",
    "continued training",
    measure="RMSE",
    cause=(
        r"continu.{0,160}(worse|other|another|differ|shift|far)|(first|earlier|starting) model|"
        r"forg(et|ot)|spread otherwise|drift"
    ),
    misleading=ELSEWHERE + r"|try (max_depth|min_child_weight)=",
)
def continued_on_other_data(mended: bool) -> Seen:
    """A model is updated with new data alone, where labels lie elsewhere; on the old kind of rows it is spoiled."""
    rng = np.random.default_rng(51)
    X = rng.normal(size=(3000, 5))
    late = np.arange(3000) >= 1500
    y = 2 * X[:, 0] + X[:, 1] + np.where(late, 25.0, 0.0) + 0.5 * rng.normal(size=3000)
    old, new, valid, test = slice(0, 900), slice(1500, 2600), slice(900, 1200), slice(1200, 1500)
    first = xgb.train({"eta": 0.2, "max_depth": 4, "nthread": 1}, xgb.DMatrix(X[old], y[old]), 60)
    part = old if mended else new
    d, dv = xgb.DMatrix(X[part], y[part]), xgb.DMatrix(X[valid], y[valid])
    m, run = xgb_run({"eta": 0.05, "max_depth": 4}, d, 40, [(d, "train"), (dv, "valid")], xgb_model=first)
    return Seen(rmse(y[test], m.predict(xgb.DMatrix(X[test]))), run)
