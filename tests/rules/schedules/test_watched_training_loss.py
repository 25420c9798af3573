import pytest

from tests.curves_of import found
from tests.schedules.boosters.runs import recorded
from treedebug.rules.schedules.watched_training_loss import WatchedTrainingLoss
from treedebug.schedules import GreedyLR
from treedebug.testing import curves, header, rule_test, scheduled

BOUNDS = {"initial": 0.1, "min_lr": 0.01, "max_lr": 1.0, "watch": ["train", "logloss"]}
RISING = [0.1, 0.2, 0.4]

test_watched_training_loss = rule_test(
    WatchedTrainingLoss(),
    fires={"a greedy booster": (scheduled(RISING, watches_training=True, **BOUNDS), {"ceiling": 1.0})},
    silent={
        "a validation set": scheduled(RISING, watches_training=False, **BOUNDS),
        "no room above": scheduled([0.1] * 3, watches_training=True, **{**BOUNDS, "max_lr": 0.14}),
        "a net": scheduled(RISING, watches_training=True, run=header(library="torch"), **BOUNDS),
        "nothing watched": scheduled(RISING, watches_training=True, **{**BOUNDS, "watch": None}),
    },
    skipped={"no schedule": curves(valid=[0.5] * 20)},
)


@pytest.mark.parametrize("on_train", [True, False])
def test_a_real_booster(on_train):
    watch = ("train" if on_train else "valid", "logloss")
    run = recorded(GreedyLR(0.1), watch=watch, watch_training=on_train)
    findings = found(run, WatchedTrainingLoss())
    assert bool(findings) is on_train
    if findings:
        assert "watches train logloss" in findings[0].message
