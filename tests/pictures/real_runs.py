"""Small real trainings for the tests of pictures and plots, each done once."""

import functools

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from sklearn.datasets import load_diabetes, load_digits

import treedebug
from tests.boosters import halves, noisy_classes


def xgboost_run(params, train, valid, n_rounds, **more):
    """A `treedebug.Run` of `xgboost.train`, the booster, and the validation DMatrix."""
    callback = treedebug.XGBoostCallback(None, quiet=True)
    dtrain, dvalid = xgb.DMatrix(*train), xgb.DMatrix(*valid)
    booster = xgb.train(
        {"nthread": 1, "verbosity": 0, **params}, dtrain, n_rounds, evals=[(dtrain, "train"), (dvalid, "valid")],
        callbacks=[callback], verbose_eval=False, **more,
    )  # fmt: skip
    return callback.run, booster, dvalid


def lightgbm_run(params, train, valid, n_rounds, *, groups=(None, None)):
    """A `treedebug.Run` of `lightgbm.train`, and the booster."""
    callback = treedebug.LightGBMCallback(None, quiet=True)
    dtrain = lgb.Dataset(*train, group=groups[0])
    dvalid = dtrain.create_valid(*valid, group=groups[1])
    booster = lgb.train(
        {"num_threads": 1, "verbosity": -1, **params}, dtrain, n_rounds, valid_sets=[dtrain, dvalid],
        valid_names=["train", "valid"], callbacks=[callback],
    )  # fmt: skip
    return callback.run, booster


@functools.cache
def binary():
    """Two classes, overfitted: the best round is not the last."""
    train, valid = halves(*noisy_classes(1200, 8, noise=1.0))
    return xgboost_run({"objective": "binary:logistic", "eval_metric": "logloss"}, train, valid, 60)


@functools.cache
def digits():
    """Ten classes."""
    x, y = load_digits(return_X_y=True)
    train, valid = halves(x, y)
    return xgboost_run({"objective": "multi:softprob", "num_class": 10, "max_depth": 3}, train, valid, 12)


@functools.cache
def amounts():
    """A regression, overfitted."""
    x, y = load_diabetes(return_X_y=True)
    return lightgbm_run({"learning_rate": 0.3}, (x[:250], y[:250]), (x[250:], y[250:]), 60)


@functools.cache
def ranking():
    """Queries of 2 to 30 rows."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(2, 30, 80)
    n = int(sizes.sum())
    x = rng.normal(size=(n, 5))
    y = np.clip(np.round(x[:, 0] + rng.normal(size=n)), 0, 4)
    k = int(sizes[:50].sum())
    groups = (sizes[:50], sizes[50:])
    params = {"objective": "lambdarank", "metric": "ndcg"}
    run, booster = lightgbm_run(params, (x[:k], y[:k]), (x[k:], y[k:]), 20, groups=groups)
    return run, booster, (x[k:], y[k:], sizes[50:])
