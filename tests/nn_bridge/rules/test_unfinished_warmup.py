import numpy as np
import pytest
import torch

from nn_bridge.rules.unfinished_warmup import UnfinishedWarmup
from tests.nn_bridge.nets_of import BARE
from tests.nn_bridge.rules.rates import of_rates, trained
from treedebug.core.run.rate_log import RateLog
from treedebug.testing import ending, rule_test

RISING = np.linspace(0.01, 0.03, 6)


def greedy(rates):
    run = of_rates(rates)
    run.ensure_stream(RateLog).facts = {"schedule": "GreedyLR"}
    return run


test_unfinished_warmup = rule_test(
    UnfinishedWarmup(),
    fires={"threefold": (of_rates(RISING), {"first_rate": 0.01, "last_rate": 0.03})},
    silent={
        "not quite threefold": of_rates(np.linspace(0.01, 0.029, 6)),
        "fell at the end": of_rates([*RISING, 0.02]),
        "constant": of_rates([0.1] * 6),
        "a greedy schedule": greedy(RISING),
        "three rounds": of_rates([0.01, 0.02, 0.03]),
        "still running": ending(of_rates(np.linspace(0.01, 0.031, 6)), ended=False),
    },
    skipped={"no network": BARE},
)


@pytest.mark.parametrize(("steps", "expected"), [(1000, True), (20, False)])
def test_a_real_net(steps, expected):
    run = trained(
        lambda o: torch.optim.lr_scheduler.LambdaLR(
            o, lambda t: min((t + 1) / steps, 1.0) if t < 50 or expected else 0.5
        )
    )
    assert any(f.code == "NN932" for f in run.findings) is expected
