import numpy as np

from nn_bridge.rules.dead_relu import DeadRelu
from tests.nn_bridge.nets_of import BARE, net
from treedebug.testing import rule_test


def units(n_silent, n=64):
    return np.arange(n) < n_silent


test_dead_relu = rule_test(
    DeadRelu(),
    fires={
        "most of a layer": (
            net(silent={"act1": units(40), "act2": units(3)}),
            {"layer": "act1", "n_silent": 40, "silent_share": 0.625},
        ),
        "both layers": (net(silent={"act1": units(64), "act2": units(64)}), {"n_layers": 2, "first_step": 12}),
    },
    silent={
        "just under half": net(silent={"act1": units(31)}),
        "four batches": net(silent={"act1": units(64)}, n_steps=4),
    },
    skipped={"no network": BARE, "no ReLU recorded": net()},
)
