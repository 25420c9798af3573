from nn_bridge.rules.vanishing_gradient import VanishingGradient
from tests.nn_bridge.nets_of import BARE, MATRICES, net
from treedebug.testing import rule_test

SMALL = [0.5] * 15 + [1e-6] * 5
KEY = ("fc1.weight", "gradient", "norm")

test_vanishing_gradient = rule_test(
    VanishingGradient(),
    fires={
        "the first layer gets nothing": (net({KEY: 1e-6}), {"layer": "fc1.weight", "first_step": 0, "ratio": 2e-6}),
        "from a step on": (net({KEY: SMALL}), {"first_step": 15}),
        "two layers": (net({KEY: 1e-9, ("fc2.weight", "gradient", "norm"): 1e-6}), {"n_layers": 2}),
    },
    silent={
        "one step short": net({KEY: [0.5] * 16 + [1e-6] * 4}),
        "all are small: the loss is solved": net({(m, "gradient", "norm"): 1e-9 for m in MATRICES}),
        "the last layer has the small one": net({("out.weight", "gradient", "norm"): 1e-9}),
        "exactly zero is another rule's": net({KEY: 0.0}),
        "it came back": net({KEY: [1e-6] * 4 + [0.5] * 16}),
    },
    skipped={"no network": BARE, "no step yet": net(n_steps=0)},
)
