import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm
from tests.curves_of import fall, found, noisy, turn
from treedebug.core.changes import alternatives
from treedebug.core.run.run_data import INTERRUPTED, STOPPED
from treedebug.rules.curves.unfinished_training import UnfinishedTraining
from treedebug.testing import curves, ending, rule_test

EARLY = fall(50, tau=30)

test_unfinished_training = rule_test(
    UnfinishedTraining(),
    fires={
        "cut off on the way down": (curves(valid=EARLY), {"tail_rounds": 5}),
        "cut off on the way up": (curves(valid=1 - EARLY, metric="auc"), {"last_value": float(1 - EARLY[-1])}),
        "a straight line": (curves(valid=np.linspace(0.7, 0.6, 50)), {"tail_share": 5 / 49}),
    },
    silent={
        "a lucky end after it levelled off": curves(valid=np.append(fall(37, tau=6), 0.3 - 0.008 * np.arange(3))),
        "levelled off": curves(valid=fall(200, tau=30)),
        "still running": curves(valid=EARLY, ended=False),
        "interrupted": ending(curves(valid=EARLY), state=INTERRUPTED),
        "stopped by an action": ending(curves(valid=EARLY), state=STOPPED),
        "stopped before its planned rounds": curves(valid=EARLY, planned_rounds=500),
        "past its best": curves(valid=turn(60, best=20, tau=30, slope=0.02)),
        "fell within the noise": curves(valid=noisy(fall(60, tau=10), 0.02)),
        "nineteen rounds": curves(valid=EARLY[:19]),
    },
    skipped={"no validation set": curves(train=EARLY)},
)


@pytest.mark.parametrize(("rounds", "rate", "expected"), [(30, 0.02, True), (100, 0.1, False)])
def test_a_real_booster(rounds, rate, expected):
    train, valid = halves(*noisy_classes(noise=0.3))
    params = {"objective": "binary", "metric": "binary_logloss", "learning_rate": rate, "num_leaves": 4}
    findings = found(train_lightgbm(params, train, valid, rounds, classes=False), UnfinishedTraining())
    assert bool(findings) is expected
    if findings:
        faster, longer = alternatives(findings[0].try_next)
        assert str(faster[0]) == "learning_rate=0.1"
        assert str(longer[0]) == "num_boost_round=60"
