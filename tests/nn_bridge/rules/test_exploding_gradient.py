from nn_bridge.rules.exploding_gradient import ExplodingGradient
from tests.nn_bridge.nets_of import BARE, net
from treedebug.core.findings import Severity
from treedebug.engine.evaluate import evaluate
from treedebug.testing import rule_test

KEY = ("fc2.weight", "gradient", "norm")

test_exploding_gradient = rule_test(
    ExplodingGradient(),
    fires={
        "zero_grad is missing": (
            net({("", "mode", "carried"): [0.0] + [1.0] * 19}),
            {"cause": "zero_grad", "first_step": 1},
        ),
        "it grew": (
            net({KEY: [0.5] * 12 + [3000.0] * 8}),
            {"cause": "growth", "layer": "fc2.weight", "first_step": 12},
        ),
        "huge from the start": (net({KEY: 2e4}), {"first_step": 0}),
    },
    silent={
        "healthy": net(),
        "two outliers": net({KEY: [0.5] * 12 + [3000.0] * 2 + [0.5] * 6}),
        "it shrank": net({KEY: [300.0] * 5 + [0.1] * 15}),
        "carried once": net({("", "mode", "carried"): [0.0] * 10 + [1.0] + [0.0] * 9}),
    },
    skipped={"no network": BARE},
)


def test_carried_gradients_are_an_error():
    run = net({("", "mode", "carried"): 1.0})
    assert evaluate(run.at(run.n_rounds), [ExplodingGradient()]).findings[0].severity is Severity.ERROR
