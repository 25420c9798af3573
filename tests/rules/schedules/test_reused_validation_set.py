import pytest

from tests.curves_of import found
from tests.schedules.boosters.runs import recorded
from treedebug.rules.schedules.reused_validation_set import ReusedValidationSet
from treedebug.schedules import GreedyLR
from treedebug.testing import curves, ending, rule_test, scheduled

MOVED = [0.1, 0.09, 0.08, 0.07, 0.07]


def moved(rates=MOVED, third=False, ended=True, **facts):
    run = curves(train=[0.5] * 5, valid=[0.5] * 5, run=scheduled(rates, **facts))
    if third:
        run.evals.append(0, "test", "logloss", 0.5)
    return ending(run, ended=ended)


test_reused_validation_set = rule_test(
    ReusedValidationSet(),
    fires={"the only set": (moved(), {"n_changes": 3})},
    silent={
        "two changes": moved([0.1, 0.09, 0.08, 0.08, 0.08]),
        "a third set": moved(third=True),
        "still running": moved(ended=False),
        "a formula": moved(watch=None),
        "the training data is watched": moved(watch=["train", "logloss"], watches_training=True),
    },
    skipped={"no schedule": curves(valid=[0.5] * 20)},
)


@pytest.mark.parametrize("third", [True, False])
def test_a_real_booster(third):
    run = recorded(GreedyLR(0.3, patience=0), third=third)
    assert bool(found(run, ReusedValidationSet())) is not third
