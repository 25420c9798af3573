import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.schedules.boosters.runs import recorded
from treedebug.rules.schedules.stopped_by_falling_rate import StoppedByFallingRate
from treedebug.schedules import Constant, Exponential
from treedebug.testing import curves, ending, header, rule_test, scheduled


def fallen(to, best=20, planned=100, patience=10, **more):
    rates = np.geomspace(0.3, to, best + patience + 1)
    run = scheduled(rates, run=header(early_stopping_rounds=patience, planned_rounds=planned), **more)
    return ending(run, best_round=best)


test_stopped_by_falling_rate = rule_test(
    StoppedByFallingRate(),
    fires={"down to a tenth": (fallen(0.03), {"last_rate": 0.03, "highest_rate": 0.3})},
    silent={
        "down to a quarter": fallen(0.075),
        "no early stopping": ending(scheduled(np.geomspace(0.3, 0.01, 31), run=header(planned_rounds=31))),
        "ran to its end": ending(
            scheduled(np.geomspace(0.3, 0.02, 31), run=header(early_stopping_rounds=10, planned_rounds=31)),
            best_round=30,
        ),
        "still running": ending(fallen(0.029), ended=False),
    },
    skipped={"no schedule": curves(valid=[0.5] * 20)},
)


@pytest.mark.parametrize(("schedule", "expected"), [(Exponential(0.3, 1e-3, n_steps=40), True), (Constant(0.3), False)])
def test_a_real_booster(schedule, expected):
    run = recorded(schedule, rounds=300, more=[xgb.callback.EarlyStopping(rounds=25, data_name="valid")])
    assert run.n_rounds < 300
    assert bool(found(run, StoppedByFallingRate())) is expected
