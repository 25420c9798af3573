"""The plan of a real training, followed to the letter on rows that nothing has seen."""

from __future__ import annotations

import io
from contextlib import redirect_stderr

import numpy as np
import pytest

import treedebug
from tests.boosters import noisy_classes
from treedebug.core.changes import PARAMETER

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")
X, Y = noisy_classes(3000, n_features=10, noise=0.8)
PARTS = (slice(0, 800), slice(800, 1200), slice(1200, 3000))


def log_loss(predicted):
    p = np.clip(predicted, 1e-7, 1 - 1e-7)
    y = Y[PARTS[2]]
    return float(-np.mean(np.where(y > 0, np.log(p), np.log(1 - p))))


def train_xgboost(params, rounds, patience=None, callback=None):
    data = [xgboost.DMatrix(X[part], Y[part]) for part in PARTS]
    booster = xgboost.train(
        {"objective": "binary:logistic", "nthread": 1, **params}, data[0], rounds, evals=[(data[0], "train"),
        (data[1], "valid")], early_stopping_rounds=patience, callbacks=[callback] if callback else None,
        verbose_eval=False,
    )  # fmt: skip
    return log_loss(booster.predict(data[2], iteration_range=(0, booster.best_iteration + 1 if patience else 0)))


def train_lightgbm(params, rounds, patience=None, callback=None):
    params = {"objective": "binary", "num_threads": 1, "verbosity": -1, **params}
    data = lightgbm.Dataset(X[PARTS[0]], Y[PARTS[0]])
    valid = lightgbm.Dataset(X[PARTS[1]], Y[PARTS[1]], reference=data)
    callbacks = [callback] if callback else []
    callbacks += [lightgbm.early_stopping(patience, verbose=False)] if patience else []
    booster = lightgbm.train(params, data, rounds, valid_sets=[data, valid], valid_names=["train", "valid"],
                             callbacks=callbacks)  # fmt: skip
    return log_loss(booster.predict(X[PARTS[2]]))


@pytest.mark.parametrize(
    ("library", "train", "params"),
    [
        (treedebug.XGBoostCallback, train_xgboost, {}),
        (treedebug.XGBoostCallback, train_xgboost, {"eta": 0.1, "max_depth": 9}),
        (treedebug.LightGBMCallback, train_lightgbm, {}),
        (treedebug.LightGBMCallback, train_lightgbm, {"learning_rate": 0.3, "num_leaves": 63}),
    ],
)
def test_followed_to_the_letter_it_beats_early_stopping(library, train, params):
    with redirect_stderr(io.StringIO()):
        callback = library(None)
        user = train(params, 200, callback=callback)
    plan = treedebug.check(callback.run).plan
    assert plan.params == callback.run.plan.params
    assert all(c.kind == PARAMETER for c in plan)
    wanted = plan.params
    rounds = wanted.pop("num_boost_round")
    patience = wanted.pop("early_stopping_rounds")
    assert rounds > 200  # a lower rate never goes with the old number
    best = train(params, 200, 50)
    followed = train({**params, **wanted}, rounds, patience)
    assert followed < best < user
    assert [c.parameter for way in plan.alternatives for c in way] == ["num_boost_round"]


def test_the_words_are_those_of_the_call():
    with redirect_stderr(io.StringIO()):
        callback = treedebug.LightGBMCallback(None)
        train_lightgbm({}, 200, callback=callback)
        wrapped = treedebug.LightGBMCallback(None)
        model = lightgbm.LGBMClassifier(n_estimators=200, num_threads=1, verbosity=-1)
        sets = [(X[part], Y[part]) for part in PARTS[:2]]
        model.fit(*sets[0], eval_set=sets, callbacks=[wrapped])
    native, wrapper = str(list(map(str, callback.run.plan))), str(list(map(str, wrapped.run.plan)))
    assert "num_boost_round=" in native
    assert "lgb.early_stopping(" in native
    assert "bagging_fraction=" in native
    assert "n_estimators=" in wrapper
    assert "subsample=" in wrapper
