import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_xgboost
from tests.curves_of import fall, found
from treedebug.rules.curves.loss_not_decreasing import LossNotDecreasing
from treedebug.testing import curves, rule_test

FLAT = [0.69] * 30

test_loss_not_decreasing = rule_test(
    LossNotDecreasing(),
    fires={
        "flat from the start": (curves(train=FLAT, valid=fall(30)), {"flat_since": 0}),
        "stuck after three rounds": (curves(train=[0.9, 0.8, 0.7, *FLAT]), {"flat_since": 3}),
        "validation alone, not moving at all": (curves(valid=FLAT), {"flat_since": 0}),
        "stuck halfway": curves(train=[*np.linspace(0.69, 0.5, 30), *[0.5] * 30]),
        "an auc of a coin": (curves(train=[0.5] * 40, metric="auc"), {"last_value": 0.5}),
        "an own metric": curves(train=[7.0] * 40, metric="profit"),
    },
    silent={
        "arrived at what noise leaves": curves(train=[*np.linspace(0.69, 0.5, 200), *[0.5] * 30]),
        "slowly falling": curves(train=0.69 * 0.9999 ** np.arange(60)),
        "window not full": curves(train=FLAT[:20]),
        "perfect from the start": curves(train=[0.0] * 40, metric="error"),
        "perfect auc": curves(train=[1.0] * 40, metric="auc"),
        "levelled off low": curves(train=[*fall(40, tau=5, floor=0.1), *[0.1] * 40]),
        "validation alone, barely moving": curves(valid=0.69 + 1e-6 * np.arange(40)),
        "errors not moving yet": curves(train=[0.3] * 40, metric="error", ended=False),
    },
    skipped={"no metric": curves()},
)


def test_one_moving_metric_is_enough():
    run = curves(train=FLAT, metric="error", run=curves(train=fall(30), metric="logloss"))
    assert not found(run, LossNotDecreasing())


@pytest.mark.parametrize(("weight", "expected"), [(1e6, True), (1, False)])
def test_a_real_booster(weight, expected):
    train, valid = halves(*noisy_classes())
    params = {"objective": "binary:logistic", "eval_metric": "logloss", "max_depth": 3, "min_child_weight": weight}
    findings = found(train_xgboost(params, train, valid, 30, classes=False), LossNotDecreasing())
    assert bool(findings) is expected
    if findings:
        assert str(findings[0].try_next[0]) == "min_child_weight=1"


@pytest.mark.parametrize(("objective", "word"), [("reg:squarederror", "standardize"), ("custom", "by the rows")])
def test_a_linear_booster_is_told_what_holds_it_back(objective, word):
    run = curves(train=[1.0] * 40, booster="gblinear", objective=objective)
    (finding,) = found(run, LossNotDecreasing())
    assert word in finding.message
