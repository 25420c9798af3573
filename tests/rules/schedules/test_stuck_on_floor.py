import pytest

from tests.curves_of import found
from tests.schedules.boosters.runs import recorded
from treedebug.rules.schedules.stuck_on_floor import StuckOnFloor
from treedebug.schedules import GreedyLR
from treedebug.testing import curves, ending, rule_test, scheduled

BOUNDS = {"initial": 0.1, "min_lr": 0.01, "max_lr": 1.0}
HALF = [0.1] * 10 + [0.01] * 10

test_stuck_on_floor = rule_test(
    StuckOnFloor(),
    fires={"half of the rounds": (scheduled(HALF, **BOUNDS), {"share": 0.5, "floor": 0.01})},
    silent={
        "one round fewer": scheduled(HALF[:-1], **BOUNDS),
        "nine rounds": scheduled([0.01] * 9, **BOUNDS),
        "still running": ending(scheduled(HALF, **BOUNDS), ended=False),
        "it began there": scheduled([0.01] * 20, **{**BOUNDS, "initial": 0.01}),
        "at the ceiling": scheduled([1.0] * 20, **BOUNDS),
    },
    skipped={"no schedule": curves(valid=[0.5] * 20)},
)


@pytest.mark.parametrize(("rounds", "expected"), [(80, True), (10, False)])
def test_a_real_booster(rounds, expected):
    run = recorded(GreedyLR(0.3, patience=1, factor=0.7), rounds=rounds)
    assert bool(found(run, StuckOnFloor())) is expected
