import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_lightgbm, record_xgboost
from treedebug.core.findings import Severity
from treedebug.rules.classes.implausible_predictions import ImplausiblePredictions
from treedebug.testing import ending, header, rounds, rule_test


def amounts(
    objective="regression", *, ended=True, low=0.0, below=0.0, error=0.0, valid_mean=5.0, high=9.0, linear=False
):
    label = {"kind": "numbers", "mean": 5.0, "std": 2.0, "minimum": low, "maximum": 20.0}
    seen = {"round_index": 9, "mean": valid_mean + error, "minimum": -0.5 if below else 0.1, "maximum": high,
            "below_zero": below, "mean_error": error, "std_error": 1.0}  # fmt: skip
    data = {"train": {"n_rows": 1000, "is_training": True, "label": label},
            "valid": {"n_rows": 1000, "label": label | {"mean": valid_mean}}}  # fmt: skip
    run = header(
        library="lightgbm",
        objective=objective,
        data=data,
        params={"objective": objective, "linear_tree": linear},
        predicted={"valid": seen},
    )
    return ending(rounds(10, run=run), ended=ended)


test_implausible_predictions = rule_test(
    ImplausiblePredictions(),
    fires={
        "negative amounts": (amounts(below=0.02), {"share": 0.02, "minimum": -0.5}),
        "biased": (amounts(error=0.6), {"mean_error": 0.6, "share": 0.3}),
        "linear leaves go far beyond": (amounts(high=30.0, linear=True), {"extreme": 30.0, "bound": 20.0}),
        "MAPE predicts too little": amounts("mape", error=-0.25),
    },
    silent={
        "linear leaves go a little beyond": amounts(high=29.0, linear=True),
        "far beyond, but not by linear leaves": amounts(high=30.0),
        "no predictions below zero": amounts(),
        "nine in a thousand": amounts(below=0.009),
        "labels below zero": amounts(below=0.2, low=-1.0),
        "off by a twentieth of the spread": amounts(error=0.1),
        "other labels in validation": amounts(error=0.6, valid_mean=4.0),
        "a quantile": amounts("quantile", error=0.6),
        "a robust loss": amounts("huber", error=0.6),
    },
    skipped={
        "while it trains": amounts(below=0.1, ended=False),
        "times": amounts("survival:cox", error=9.0),
        "one's own objective": amounts("custom", below=0.1),
        "nothing known": header(),
    },
)


def test_a_small_bias_is_an_info_but_for_mape():
    severities = [found(amounts(o, error=0.3), ImplausiblePredictions())[0].severity for o in ("regression", "mape")]
    assert severities == [Severity.INFO, Severity.WARNING]


@pytest.mark.parametrize("objective", ["regression", "tweedie"])
def test_a_real_booster(objective):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 4))
    y = np.where(rng.random(2000) < 0.6, 0.0, rng.gamma(2, np.exp(x[:, 0])))
    a, b = slice(0, 1000), slice(1000, 2000)
    run = record_lightgbm({"objective": objective}, lgb.Dataset(x[a], y[a]), [lgb.Dataset(x[b], y[b])], 60)
    signs = [f for f in found(run, ImplausiblePredictions()) if f.subject == "sign of valid"]
    assert bool(signs) is (objective == "regression")
    name = "reg:squarederror" if objective == "regression" else "reg:tweedie"
    run = record_xgboost({"objective": name}, xgb.DMatrix(x[a], y[a]), [xgb.DMatrix(x[b], y[b])], 60)
    signs = [f for f in found(run, ImplausiblePredictions()) if f.subject == "sign of valid"]
    assert bool(signs) is (objective == "regression")
