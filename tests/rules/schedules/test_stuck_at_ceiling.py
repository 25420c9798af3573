import pytest

from tests.curves_of import found
from tests.schedules.boosters.runs import recorded
from treedebug.rules.schedules.stuck_at_ceiling import StuckAtCeiling
from treedebug.schedules import GreedyLR
from treedebug.testing import curves, ending, rule_test, scheduled

BOUNDS = {"initial": 0.1, "min_lr": 0.01, "max_lr": 1.0}
HALF = [0.1] * 10 + [1.0] * 10

test_stuck_at_ceiling = rule_test(
    StuckAtCeiling(),
    fires={
        "half of the rounds": (scheduled(HALF, **BOUNDS), {"share": 0.5, "ceiling": 1.0}),
        "within a warm-up": scheduled(HALF, schedule="Warmup", inner={"schedule": "GreedyLR", **BOUNDS}),
    },
    silent={
        "one round fewer": scheduled(HALF[:-1], **BOUNDS),
        "nine rounds": scheduled([1.0] * 9, **BOUNDS),
        "still running": ending(scheduled(HALF, **BOUNDS), ended=False),
        "a schedule that only falls": scheduled([0.1] * 20, initial=0.1, min_lr=0.0, max_lr=0.1),
        "a formula": scheduled([0.3] * 20, schedule="Constant", value=0.3, watch=None),
    },
    skipped={"no schedule": curves(valid=[0.5] * 20)},
)


@pytest.mark.parametrize("on_train", [True, False])
def test_a_real_booster(on_train):
    schedule = GreedyLR(0.1, patience=1, factor=0.8, max_lr=0.3)
    watch = ("train" if on_train else "valid", "logloss")
    run = recorded(schedule, rounds=40, watch=watch, watch_training=on_train, max_depth=4)
    assert bool(found(run, StuckAtCeiling())) is on_train
