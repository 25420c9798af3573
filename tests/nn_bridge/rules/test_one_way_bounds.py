import pytest
import torch

from nn_bridge.rates.scheduled_rate import ScheduledRate
from nn_bridge.rules.one_way_bounds import OneWayBounds
from tests.nn_bridge.nets_of import BARE
from tests.nn_bridge.rules.rates import trained
from treedebug.core.run.rate_log import RateLog
from treedebug.schedules import GreedyLR
from treedebug.testing import rule_test, scheduled

test_one_way_bounds = rule_test(
    OneWayBounds(),
    fires={
        "the Trainer's rate": (
            scheduled([5e-5] * 3, initial=5e-5, min_lr=1e-3, max_lr=1.0),
            {"floor": 1e-3, "initial": 5e-5},
        )
    },
    silent={
        "at its floor": scheduled([1e-3] * 3, initial=1e-3, min_lr=1e-3, max_lr=1.0),
        "no floor": scheduled([0.1] * 3, schedule="Linear", initial=0.1, min_lr=None),
        "no rate known": scheduled([0.1] * 3, min_lr=0.5),
    },
    skipped={"no schedule": BARE},
)


@pytest.mark.parametrize(("lr", "expected"), [(5e-5, True), (0.1, False)])
def test_transformers_own(lr, expected):
    optimization = pytest.importorskip("transformers.optimization")
    run = trained(optimization.GreedyLR, lr=lr, every=10, metric=lambda i: 1.0)
    facts = run.data.stream(RateLog).facts
    assert (facts["schedule"], facts["min_lr"], facts["least_observations"]) == ("GreedyLR", 1e-3, 11)
    codes = {f.code for f in run.findings}
    assert ("NN933" in codes) is expected
    assert "SC001" in codes, "six evaluations, a patience of ten"


def test_our_own_schedule_tells_why_the_rate_changed():
    run = trained(lambda o: ScheduledRate(o, GreedyLR(0.05, patience=1)), every=10, metric=lambda i: 1.0)
    log = run.data.stream(RateLog)
    assert [r.why for r in log] == ["GreedyLR begins", *["cut: no improvement in 2 observations"] * 2]
    assert [r.round_index for r in log] == sorted(r.round_index for r in log)
    assert log.facts["n_observed"] == 6
    assert not {"NN933", "SC001"} & {f.code for f in run.findings}


def test_pytorchs_plateau_is_described():
    run = trained(torch.optim.lr_scheduler.ReduceLROnPlateau, every=10, metric=lambda i: 1.0)
    facts = run.data.stream(RateLog).facts
    assert (facts["schedule"], facts["least_observations"], facts["n_observed"]) == ("ReduceLROnPlateau", 12, 6)
    assert "SC001" in {f.code for f in run.findings}
