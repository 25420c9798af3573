"""Capacity curves: the effective parameters of an average fold back; mistakes of a caller."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.core.errors import ConfigError

COUNT = itertools.count()


@pytest.fixture
def problem(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(700, 4)).astype(np.float32)
    y = (X[:, 0] * X[:, 1] > 0).astype(float) + 0.5 * rng.normal(size=700)

    def train(size, seed):
        data = xgb.DMatrix(X[:300], y[:300])
        callback = treedebug.XGBoostCallback(tmp_path / f"{next(COUNT)}", evals=[(data, "train")], quiet=True)
        params = {"max_depth": size, "eta": 0.5, "colsample_bynode": 0.5, "seed": seed, "nthread": 1}
        xgb.train(params, data, 30, callbacks=[callback])
        return callback.run

    return train, {"X": X[:300], "y": y[:300], "test": (X[300:], y[300:])}


def test_averaging_costs_leaves_and_fewer_effective_parameters(problem):
    train, given = problem
    curve = treedebug.capacity_curve(train, [1, 3, 6], members=(2, 6), **given)
    frame = curve.frame
    assert frame["n_models"].tolist() == [1, 1, 1, 2, 6]
    assert frame["n_leaves"].is_monotonic_increasing
    assert frame["effective_parameters"][:3].is_monotonic_increasing
    assert frame["effective_parameters"].iloc[4] < frame["effective_parameters"].iloc[2]
    assert frame["test_error"].iloc[4] < frame["test_error"].iloc[2]
    assert "effective_parameters" in str(curve)


def test_the_first_point_is_what_the_run_itself_says(problem):
    train, given = problem
    run = train(3, 0)
    curve = treedebug.capacity_curve(lambda size, seed: run, [3], members=(), **given)
    alone = run.effective_parameters(given["X"], given["y"], new=given["test"][0], n_probes=16)
    assert curve.frame["effective_parameters"].iloc[0] == pytest.approx(alone["on_new_rows"].iloc[-1])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sizes": []}, "one or more sizes"),
        ({"members": (1,)}, "2 or more"),
        ({"test": 3}, r"pair \(X_test, y_test\)"),
        ({"train": lambda size, seed: 3.5}, "path of a run"),
    ],
)
def test_mistakes_get_one_clear_error(problem, change, said):
    train, given = problem
    given = {"train": train, "sizes": [2], "members": (), **given, **change}
    with pytest.raises(ConfigError, match=said):
        treedebug.capacity_curve(given.pop("train"), given.pop("sizes"), **given)
