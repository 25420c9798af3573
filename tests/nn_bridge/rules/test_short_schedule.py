import pytest
import torch

from nn_bridge.rules.short_schedule import ShortSchedule
from tests.nn_bridge.nets_of import BARE
from tests.nn_bridge.rules.rates import of_rates, trained
from treedebug.core.run.rate_log import RateLog
from treedebug.testing import rule_test


def stepped(end, taken):
    run = of_rates([0.1] * 5)
    run.ensure_stream(RateLog).facts = {"schedule": "CosineAnnealingLR", "t_max": end, "n_observed": taken}
    return run


test_short_schedule = rule_test(
    ShortSchedule(),
    fires={"twelve times": (stepped(12, 144), {"t_max": 12, "taken": 144})},
    silent={"as planned": stepped(144, 144), "a few more": stepped(100, 129)},
    skipped={"no schedule": BARE, "another schedule": stepped(None, 144)},
)


@pytest.mark.parametrize(("end", "expected"), [(10, True), (60, False)])
def test_a_real_net(end, expected):
    run = trained(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, end), steps=60)
    assert any(f.code == "NN934" for f in run.findings) is expected
