"""The second fresh batch, rebuilt from threads nobody had read when the rules were done: parameters."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .parameters import ELSEWHERE, waves
from .training import noisy
from .ways import ask_params, lgb_run, log_loss, refused, rmse, thirds, xgb_run

LEAF = r"(min_data_in_leaf|min_child_samples)"
BLOCKS = r"(prevent|block|allow|limit|too (large|high|many)|no split|few leaves|asks|demands|require|needs)"
TOO_THICK = rf"{BLOCKS}.{{0,120}}{LEAF}|{LEAF}.{{0,120}}{BLOCKS}|underfit"


@situation("lightgbm-org/LightGBM #2922", "underfitting", measure="RMSE", cause=TOO_THICK, misleading=ELSEWHERE)
def a_forest_with_the_leaves_of_boosting(mended: bool) -> Seen:
    """LightGBM's forest is far behind ranger: min_data_in_leaf is left at 20, and a forest wants 1."""
    rng = np.random.default_rng(101)
    n = 1600
    X = np.c_[np.arange(n), rng.normal(size=n), rng.exponential(size=n), rng.uniform(size=n)]
    y = X[:, 0] / n + X[:, 1] / 10 + X[:, 2] / 5 + np.sin(9 * X[:, 3]) + 0.05 * rng.normal(size=n)
    order = rng.permutation(n)
    X, y = X[order], y[order]
    a, v, t = thirds(n)
    d = lgb.Dataset(X[a], y[a])
    params = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.63, "num_leaves": 1000, "max_depth": 10}
    params |= {"min_data_in_leaf": 1} if mended else {}
    m, run = lgb_run(params, d, 100, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run)


@situation("lightgbm-org/LightGBM #640", "underfitting", measure="log loss", cause=TOO_THICK, misleading=ELSEWHERE)
def leaves_of_a_thousand_rows(mended: bool) -> Seen:
    """'No further splits with positive gain': num_leaves is 63, and every leaf must have a thousand rows."""
    X, y = noisy(5000, 102)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "binary", "num_leaves": 63, "learning_rate": 0.1, "bagging_freq": 50}
    params |= {"bagging_fraction": 0.8, "min_data_in_leaf": 50 if mended else 1000}
    m, run = lgb_run(params, d, 30, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, 30))


CONSTRAINTS = r"interaction_constraints|interaction constraint"


@situation(
    "lightgbm-org/LightGBM #6376", "constraints", measure="RMSE", cause=CONSTRAINTS, misleading=ELSEWHERE + "|overfit"
)
def features_outside_all_interaction_groups(mended: bool) -> Seen:
    """interaction_constraints=[[0]] is to keep one feature apart: LightGBM drops all the others from the training."""
    X, y = waves()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    groups = [[0], [1, 2, 3, 4, 5]] if mended else [[0]]
    params = {"interaction_constraints": groups, "num_leaves": 15}
    m, run = lgb_run(params, d, 80, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 80))


@situation("dmlc/xgboost #4075", "constraints", measure="RMSE", cause=CONSTRAINTS, misleading=ELSEWHERE + "|overfit")
def an_empty_list_of_interactions(mended: bool) -> Seen:
    """With interaction_constraints=[] the model is worse than without: no feature may interact with any other."""
    rng = np.random.default_rng(103)
    X = rng.normal(size=(2400, 6))
    y = X[:, 0] * X[:, 1] + X[:, 2] * X[:, 3] + 0.3 * rng.normal(size=2400)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eta": 0.1, "max_depth": 5} | ({} if mended else {"interaction_constraints": []})
    m, run = xgb_run(params, d, 100, [(dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 100, evals=[(dv, "valid")]))


@situation(
    "lightgbm-org/LightGBM #2770", "constraints", measure="RMSE", cause=r"monoton", misleading=ELSEWHERE + "|overfit"
)
def monotone_the_basic_way(mended: bool) -> Seen:
    """With six monotone constraints the basic method over-constrains the predictions; the advanced one does not."""
    rng = np.random.default_rng(104)
    X = rng.uniform(-1, 1, size=(4000, 6))
    y = np.tanh(3 * (X[:, 0] + X[:, 1])) + np.maximum(X[:, 2], X[:, 3]) + np.minimum(X[:, 4], X[:, 5])
    y = y + 0.1 * rng.normal(size=4000)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"monotone_constraints": [1] * 6, "num_leaves": 31, "learning_rate": 0.1}
    params |= {"monotone_constraints_method": "advanced"} if mended else {}
    m, run = lgb_run(params, d, 100, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 100))


ONE_COLUMN = (
    r"(feature_fraction|colsample\w*).{0,100}(one|single|\b1\b|few|all|only)|"
    r"(one|single|\b1 of|few).{0,80}(feature|column).{0,60}(tree|draw)|try feature_fraction=(1|0\.[6-9])"
)


@situation("lightgbm-org/LightGBM #4476", "too little drawn", measure="RMSE", cause=ONE_COLUMN, misleading=ELSEWHERE)
def one_of_three_features_a_tree(mended: bool) -> Seen:
    """feature_fraction=0.3 with three features: a tree sees a single one, and the one that matters is rarely it."""
    rng = np.random.default_rng(105)
    X = rng.normal(size=(1600, 3))
    y = 2 * X[:, 2] * X[:, 0] + np.sin(2 * X[:, 2]) + 0.2 * rng.normal(size=1600)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"bagging_fraction": 0.9, "bagging_freq": 3, "feature_fraction": 1.0 if mended else 0.3}
    m, run = lgb_run(params, d, 200, [(d, "train"), (d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 200))


@situation(
    "lightgbm-org/LightGBM #6016", "scale of features", measure="log loss", cause=r"max_bin|\bbins?\b",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def finer_than_255_bins(mended: bool) -> Seen:
    """The accuracy is 0.5 with max_bin=255 and 0.92 with 5,000: what matters is finer than the bins."""
    rng = np.random.default_rng(106)
    n = 16000
    X = rng.uniform(size=(n, 2))
    y = (np.floor(X[:, 0] * 500) % 2).astype(int)
    a, v, t = thirds(n)
    bins = 5000 if mended else 255
    d = lgb.Dataset(X[a], y[a], params={"max_bin": bins})
    params = {"objective": "binary", "max_bin": bins, "num_leaves": 255, "learning_rate": 0.3, "min_data_in_leaf": 5}
    m, run = lgb_run(params, d, 30, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run)


@situation(
    "lightgbm-org/LightGBM #4500", "blocking regularization", measure="RMSE of the scaled labels",
    cause=r"lambda_l1|reg_alpha|\bL1\b", misleading=ELSEWHERE,
)  # fmt: skip
def an_l1_term_beside_tiny_labels(mended: bool) -> Seen:
    """Does the label's scale matter? lambda_l1=1 is nothing for labels in the hundreds and everything for returns."""
    X, z = waves()
    scale = 1.0 if mended else 1e-4
    y = z * scale
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"lambda_l1": 1.0, "num_leaves": 15, "metric": "l2"}
    m, run = lgb_run(params, d, 80, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])) / scale, run, ask_params(params, d, 80))


@situation(
    "lightgbm-org/LightGBM #1467", "a value that is refused", measure="training is refused", asked="params",
    cause=r"goss.{0,160}(bagging|subsample)|(bagging|subsample).{0,160}goss", misleading=ELSEWHERE,
)  # fmt: skip
def bagging_beside_goss(mended: bool) -> Seen:
    """'Cannot use bagging in GOSS': the searched subsample stands beside boosting=goss. It is seen before training."""
    X, y = noisy(1600, 107)
    d = lgb.Dataset(X, y, free_raw_data=False)
    params = {"objective": "binary", "data_sample_strategy": "goss", "num_leaves": 34, "learning_rate": 0.02}
    params |= {} if mended else {"bagging_fraction": 0.87, "bagging_freq": 1}
    return Seen(refused(lambda: lgb_run(params, d, 5)), params=ask_params(params, d, 100))


@situation(
    "lightgbm-org/LightGBM #5072", "a value that is refused", measure="training is refused", asked="params",
    cause=r"(\brf\b|forest).{0,160}bagging|bagging.{0,160}(\brf\b|forest)", misleading=ELSEWHERE,
)  # fmt: skip
def a_forest_of_all_rows(mended: bool) -> Seen:
    """boosting=rf with bagging_fraction=1 is refused, and gbdt takes it: a forest without drawing is no forest."""
    X, y = noisy(1600, 108)
    d = lgb.Dataset(X, y, free_raw_data=False)
    params = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.7 if mended else 1.0, "objective": "binary"}
    return Seen(refused(lambda: lgb_run(params, d, 5)), params=ask_params(params, d, 100))


@situation(
    "dmlc/xgboost #7153", "ignored parameter", measure="parameters without effect",
    cause=r"coordinate_selection|n_gpus|predictor", misleading=ELSEWHERE,
)  # fmt: skip
def a_linear_booster_told_of_trees_and_gpus(mended: bool) -> Seen:
    """gblinear with coordinate_selection, n_gpus and predictor: the first is a slip, the others went long ago."""
    X, y = waves()
    a, v, _ = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"booster": "gblinear", "updater": "coord_descent", "eta": 0.5}
    wrong = {"coordinate_selection": "thrifty", "n_gpus": 1, "predictor": "gpu_predictor"}
    params |= {"feature_selector": "thrifty"} if mended else wrong
    _, run = xgb_run(params, d, 30, [(dv, "valid")])
    return Seen(float(not mended), run, ask_params(params, d, 30))


@situation(
    "lightgbm-org/LightGBM #4826", "no split has a gain", measure="RMSE",
    cause=r"(no|not one|none).{0,60}split.{0,160}(gain|feature|alone|own)|interact|symmetr",
    misleading=ELSEWHERE + r"|min_data_in_leaf=|lambda",
)  # fmt: skip
def a_root_that_cannot_be_split(mended: bool) -> Seen:
    """The tree holds a root only: by symmetry no first split has a gain, though two together explain everything."""
    cells = np.tile(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), (300, 1)).astype(float)
    y = np.where(cells[:, 0] == cells[:, 1], 10.0, 20.0)
    X = np.c_[cells, cells[:, 0] == cells[:, 1]] if mended else cells
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"min_data_in_leaf": 1, "num_leaves": 7}
    m, run = lgb_run(params, d, 60, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 60))
