"""Learning curves: the law on known curves, real small trainings, and mistakes of a caller."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
from xgboost import XGBClassifier, XGBRegressor

import treedebug
from treedebug.core.errors import ConfigError
from treedebug.experiments.power_law import expect, fit

SIZES = np.array([100.0, 200, 400, 800, 1600])


@pytest.mark.parametrize(("floor", "factor", "exponent"), [(0.2, 3.0, 0.5), (0.0, 100.0, 1.0), (1.0, 0.5, 0.1)])
def test_the_law_of_exact_losses_is_found(floor, factor, exponent):
    losses = floor + factor * SIZES**-exponent
    law = fit(SIZES, losses, np.full(5, 1e-3), ceiling=10.0)
    assert law.at(3200) == pytest.approx(floor + factor * 3200**-exponent, rel=0.01, abs=3e-4)


def test_losses_that_rise_are_taken_for_flat():
    law = fit(SIZES, np.array([1.0, 1.1, 1.0, 1.2, 1.1]), np.full(5, 0.1), ceiling=5.0)
    assert law.at(3200) == pytest.approx(1.08, abs=0.05)


def test_nine_intervals_in_ten_hold_the_truth():
    rng, inside = np.random.default_rng(0), 0
    for _ in range(60):
        true = lambda n: 0.3 + 2.0 * n**-0.4
        errors = np.full(5, 0.005)
        found = expect(SIZES, true(SIZES) + errors * rng.normal(size=5), errors, 2.0, 3200)
        inside += found.low <= true(3200) + 0.005 * rng.normal() <= found.high
    assert inside >= 52


def data(n=800, *, classes):
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(n + 400, 5)), columns=list("abcde"))
    signal = X["a"] * X["b"] + X["c"] + 0.3 * rng.normal(size=len(X))
    y = (signal > 0).astype(int) if classes else signal
    return X[:n], y[:n], (X[n:], y[n:])


@pytest.mark.parametrize(
    "estimator",
    [
        XGBClassifier(n_jobs=1, max_depth=3, n_estimators=60),
        LGBMClassifier(n_jobs=1, num_leaves=7, n_estimators=60),
        XGBRegressor(n_jobs=1, max_depth=3, n_estimators=60),
        LGBMRegressor(n_jobs=1, num_leaves=7, n_estimators=60),
    ],
)
def test_estimators_of_both_libraries(estimator):
    before = estimator.get_params()
    classes = "Classifier" in type(estimator).__name__
    X, y, valid = data(classes=classes)
    curve = treedebug.learning_curve(estimator, X, y, valid=valid, seeds=2)
    assert curve.frame.shape == (10, 3)
    assert curve.means["n_rows"].tolist() == [50, 100, 200, 400, 800]
    assert curve.loss_name == ("log loss" if classes else "squared error")
    assert curve.means["loss"].iloc[-1] < curve.means["loss"].iloc[0] < curve.constant_loss * 1.5
    assert curve.next_doubling.low <= curve.next_doubling.loss <= curve.next_doubling.high
    assert "1,600 rows" in str(curve)
    assert str(estimator.get_params()) == str(before)


def test_a_function_that_trains_or_predicts():
    X, y, valid = data(classes=False)
    mean = lambda X, y, Xv, yv, seed: np.full(len(Xv), np.mean(y))
    curve = treedebug.learning_curve(mean, X.to_numpy(), y.to_numpy(), valid=(valid[0].to_numpy(), valid[1]), seeds=2)
    assert curve.means["loss"].iloc[-1] == pytest.approx(curve.constant_loss, rel=0.05)
    assert "useless" not in str(curve)


def test_texts_are_classes():
    X, y, valid = data(classes=True)
    names = np.array(["no", "yes"])
    model = XGBClassifier(n_jobs=1, max_depth=2, n_estimators=20)
    curve = treedebug.learning_curve(model, X, names[y], valid=(valid[0], names[valid[1]]), seeds=2)
    assert curve.loss_name == "log loss"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sizes": [100, 200]}, "5 or more different numbers"),
        ({"sizes": [100, 200, 300, 400, 9000]}, "all 800"),
        ({"seeds": 1}, "standard error"),
        ({"valid": "x"}, r"pair \(X_valid, y_valid\)"),
        ({"train": 3}, "got int"),
        ({"train": lambda X, y: None}, r"train\(X, y, X_valid, y_valid, seed\)"),
        ({"train": lambda *a: "no model"}, "must return a fitted model"),
        ({"loss": "auc"}, "loss is one of"),
    ],
)
def test_mistakes_get_one_clear_error(change, said):
    X, y, valid = data(classes=False)
    given = {"train": XGBRegressor(), "valid": valid, **change}
    with pytest.raises(ConfigError, match=said):
        treedebug.learning_curve(given.pop("train"), X, y, **given)
