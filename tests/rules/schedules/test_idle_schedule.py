import pytest

from tests.curves_of import found
from tests.schedules.boosters.runs import recorded
from treedebug.rules.schedules.idle_schedule import IdleSchedule
from treedebug.schedules import GreedyLR
from treedebug.testing import curves, ending, header, rule_test, scheduled

FLAT = [0.1] * 10

test_idle_schedule = rule_test(
    IdleSchedule(),
    fires={
        "patience of ten, ten rounds": (scheduled(FLAT, least_observations=11), {"needed": 11, "n_observations": 10}),
        "said before the end": (
            ending(scheduled(FLAT, least_observations=11, run=header(planned_rounds=10)), ended=False),
            {"n_observations": 10},
        ),
        "a schedule within a warm-up": scheduled(
            FLAT, schedule="Warmup", inner={"schedule": "GreedyLR", "least_observations": 30}
        ),
        "a net that is evaluated seldom": scheduled([0.1] * 40, least_observations=6, n_observed=4, watch=None),
    },
    silent={
        "one round more": scheduled([0.1] * 11, least_observations=11),
        "no metric": scheduled(FLAT, schedule="Linear", watch=None),
        "still running, long enough": ending(
            scheduled(FLAT, least_observations=11, run=header(planned_rounds=11)), ended=False
        ),
    },
    skipped={"no schedule": curves(valid=[0.5] * 10)},
)


@pytest.mark.filterwarnings("ignore:GreedyLR waits for")
@pytest.mark.parametrize(("patience", "expected"), [(15, True), (2, False)])
def test_a_real_booster(patience, expected):
    findings = found(recorded(GreedyLR(0.2, patience=patience), rounds=12), IdleSchedule())
    assert bool(findings) is expected
