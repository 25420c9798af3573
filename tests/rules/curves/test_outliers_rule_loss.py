import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_xgboost
from treedebug.rules.curves.outliers_rule_loss import OutliersRuleLoss
from treedebug.testing import header, rule_test

NORMAL = np.linspace(-2.5, 2.5, 64).tolist()


def amounts(std, values=NORMAL, *, objective="reg:squarederror", library="xgboost"):
    label = {"kind": "numbers", "mean": 0.0, "std": std, "minimum": -3.0, "maximum": 3.0, "quantiles": list(values)}
    data = {"train": {"n_rows": 1000, "is_training": True, "label": label}}
    return header(data=data, params={"objective": objective}, objective=objective, library=library)


MIDDLE = 2.5 / 1.349
"""The standard deviation that the quartiles of NORMAL let expect."""
SPIKED = [*NORMAL[:-1], 900.0]

test_outliers_rule_loss = rule_test(
    OutliersRuleLoss(),
    fires={
        "a spike": (amounts(6.2 * MIDDLE, SPIKED), {"std": 6.2 * MIDDLE}),
        "LightGBM's name": amounts(20 * MIDDLE, SPIKED, objective="regression", library="lightgbm"),
    },
    silent={
        "normal": amounts(MIDDLE),
        "a heavy tail, and not so heavy": amounts(5.8 * MIDDLE, SPIKED),
        "absolute error": amounts(20 * MIDDLE, SPIKED, objective="reg:absoluteerror"),
        "counts under a log link": amounts(20 * MIDDLE, SPIKED, objective="count:poisson"),
        "more than half of the labels are one value": amounts(5.0, [0.0] * 60 + [1.0, 5.0, 20.0, 90.0]),
        "quantiles unknown": amounts(5.0, []),
    },
    skipped={"no labels of numbers": header(params={"objective": "reg:squarederror"}), "nothing known": header()},
)


@pytest.mark.parametrize(("spike", "expected"), [(1.0, False), (3000.0, True)])
def test_a_real_booster(spike, expected):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 3))
    y = 10 + x[:, 0] + np.where(np.arange(600) % 100 == 0, spike, 0.0)
    run = record_xgboost({"max_depth": 2}, xgb.DMatrix(x, y), n_rounds=3)
    assert bool(found(run, OutliersRuleLoss())) is expected
