from nn_bridge.rules.uneven_gradients import UnevenGradients
from tests.nn_bridge.nets_of import BARE, MATRICES, net
from treedebug.testing import rule_test

KEY = ("out.weight", "gradient", "norm")

test_uneven_gradients = rule_test(
    UnevenGradients(),
    fires={
        "the last layer races": (net({KEY: 5000.0}), {"layer": "out.weight", "ratio": 1e4, "first_step": 0}),
        "the last layer stands": (net({KEY: 1e-5}), {"smallest": "out.weight"}),
    },
    silent={
        "just under a thousand": net({KEY: 499.0}),
        "four steps": net({KEY: [0.5] * 16 + [5000.0] * 4}),
        "zero has no scale": net({KEY: 0.0}),
        "all are huge": net({(m, "gradient", "norm"): 1e6 for m in MATRICES}),
    },
    skipped={"no network": BARE},
)
