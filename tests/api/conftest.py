"""Small recorded trainings, made once."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

import treedebug

XGB = {"nthread": 1, "seed": 1, "max_depth": 3, "objective": "binary:logistic"}
LGB = {"num_threads": 1, "seed": 1, "verbosity": -1, "num_leaves": 6, "min_data_in_leaf": 2, "objective": "binary",
       "min_data_per_group": 1, "cat_smooth": 0}  # fmt: skip


def mixed_frame(n=160):
    """Numbers, booleans, text and number categories, and a label that needs them."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=n),
            "colour": pd.Categorical(rng.choice(["red", "blue", "green"], n), categories=["red", "green", "blue"]),
            "shop": pd.Categorical(rng.choice([7, 3, 11], n)),
            "new": rng.random(n) > 0.5,
        }
    )
    score = frame["size"] + 2 * (frame["colour"] == "blue") - 2 * (frame["shop"] == 3) + frame["new"]
    return frame, (score > 0.5).to_numpy().astype(float)


@pytest.fixture(scope="session")
def mixed():
    return mixed_frame()


@pytest.fixture(scope="session", params=["xgboost", "lightgbm"])
def trained(request, tmp_path_factory, mixed):
    """(library, booster, run, predict) of a training on the mixed frame."""
    X, y = mixed
    path = tmp_path_factory.mktemp("run") / request.param
    if request.param == "xgboost":
        data = xgb.DMatrix(X, y, enable_categorical=True)
        booster = xgb.train(XGB, data, 7, evals=[(data, "train")], verbose_eval=False,
                            callbacks=[treedebug.XGBoostCallback(path, quiet=True)])  # fmt: skip
        predict = lambda table: booster.predict(xgb.DMatrix(table, enable_categorical=True))
    else:
        booster = lgb.train(LGB, lgb.Dataset(X, y), 7, callbacks=[treedebug.LightGBMCallback(path, quiet=True)])
        predict = booster.predict
    return request.param, booster, treedebug.load(path), predict


@pytest.fixture(scope="session", params=["xgboost", "lightgbm"])
def plain(request, tmp_path_factory):
    """(library, booster, run, X, y, predict) of a training on an array with missing values."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(120, 4))
    X[rng.random(X.shape) < 0.2] = 0.0
    y = (X[:, 0] + X[:, 1] > 0).astype(float)
    path = tmp_path_factory.mktemp("run") / request.param
    if request.param == "xgboost":
        data = xgb.DMatrix(X, y)
        booster = xgb.train(XGB, data, 6, evals=[(data, "train")], verbose_eval=False,
                            callbacks=[treedebug.XGBoostCallback(path, quiet=True)])  # fmt: skip
        return request.param, booster, treedebug.load(path), X, y, lambda t: booster.predict(xgb.DMatrix(t))
    base = lgb.Dataset(X, y)
    booster = lgb.train(LGB, base, 6, valid_sets=[base], callbacks=[treedebug.LightGBMCallback(path, quiet=True)])
    return request.param, booster, treedebug.load(path), X, y, booster.predict
