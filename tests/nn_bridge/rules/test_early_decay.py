import numpy as np
import pytest
import torch

from nn_bridge.rules.early_decay import EarlyDecay
from tests.nn_bridge.nets_of import BARE
from tests.nn_bridge.rules.rates import of_rates, trained
from treedebug.testing import ending, rule_test

FALLING = np.linspace(0.1, 0.01, 8)

test_early_decay = rule_test(
    EarlyDecay(),
    fires={
        "three whole rounds of twelve": (of_rates([*FALLING, *[0.0] * 4]), {"idle_share": 0.25, "highest": 0.1}),
        "just under a thousandth": of_rates([*FALLING, *[9e-5] * 4]),
    },
    silent={
        "one whole round, and one in which it fell": of_rates([*FALLING, 0.0, 0.0]),
        "a hundredth is left": of_rates([*FALLING, *[1e-3] * 4]),
        "still running": ending(of_rates([*FALLING, 0.0, 1e-9]), ended=False),
        "zero in the middle": of_rates([0.1, 0.0, 0.0, 0.0, 0.1]),
        "three rounds": of_rates([0.1, 0.0, 0.0]),
    },
    skipped={"no network": BARE},
)


@pytest.mark.parametrize(("planned", "expected"), [(20, True), (60, False)])
def test_a_real_net(planned, expected):
    run = trained(lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.0, planned), steps=60)
    assert any(f.code == "NN931" for f in run.findings) is expected
