import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_xgboost
from tests.curves_of import fall, found, noisy
from treedebug.rules.curves.underfitting import Underfitting
from treedebug.testing import curves, ending, labels, rule_test

LABELS = labels([500, 500]) | labels([500, 500], dataset="valid")
STRAIGHT = 0.69 - 0.0005 * np.arange(40)

test_underfitting = rule_test(
    Underfitting(),
    fires={
        "still a straight line": curves(train=STRAIGHT, valid=STRAIGHT + 0.001),
        "straight, mirrored": curves(valid=0.5 + 0.002 * np.arange(40), metric="auc"),
        "both near a constant prediction": curves(
            train=fall(60, top=0.693, floor=0.69), valid=fall(60, top=0.693, floor=0.6905), data=LABELS
        ),
    },
    silent={
        "levelled off": curves(train=fall(100), valid=fall(100) + 0.05),
        "straight, but still running": curves(train=STRAIGHT, valid=STRAIGHT, ended=False),
        "a hard problem: training moved, validation did not": curves(
            train=fall(60, top=0.693, floor=0.6), valid=fall(60, top=0.693, floor=0.69), data=LABELS
        ),
        "noise without a slope": curves(valid=noisy(np.full(60, 0.69), 0.003)),
        "a penalty keeps the training loss up": curves(
            train=fall(60, top=0.693, floor=0.69), valid=fall(60, top=0.693, floor=0.4), data=LABELS
        ),
        "a network without labels": curves(train=[1.0] * 60, valid=[1.0] * 60, metric="loss", slow_rounds=True),
        "perfect from the start": curves(valid=[0.0] * 60, metric="error"),
        "straight, and nearly perfect": curves(valid=np.linspace(0.6, 0.05, 60)),
        "nine rounds": curves(valid=STRAIGHT[:9]),
    },
    skipped={"no validation set": curves(train=STRAIGHT)},
)


def test_early_stopping_found_nothing_more():
    run = ending(curves(train=STRAIGHT, valid=STRAIGHT, planned_rounds=500))
    assert not found(run, Underfitting())


@pytest.mark.parametrize(("eta", "expected"), [(0.001, True), (0.2, False)])
def test_a_real_booster(eta, expected):
    train, valid = halves(*noisy_classes())
    params = {"objective": "binary:logistic", "eval_metric": "logloss", "max_depth": 3, "eta": eta}
    findings = found(train_xgboost(params, train, valid, 30, classes=False), Underfitting())
    assert bool(findings) is expected
    if findings:
        assert str(findings[0].try_next[0]) == "eta=0.1"


@pytest.mark.parametrize(("slow_rounds", "rate"), [(False, 0.1), (True, 1e-4)])
def test_a_net_is_told_ten_times_its_own_rate(slow_rounds, rate):
    run = curves(valid=STRAIGHT, slow_rounds=slow_rounds, params={"learning_rate": 1e-5})
    assert found(run, Underfitting())[0].try_next[0].value == rate
