from nn_bridge.rules.noisy_evaluation import NoisyEvaluation
from tests.nn_bridge.nets_of import BARE, net
from treedebug.testing import rule_test

CHANGE = ("", "output", "evaluation_noise")

test_noisy_evaluation = rule_test(
    NoisyEvaluation(),
    fires={"dropout in evaluation": (net({CHANGE: 1.4}), {"change": 1.4}), "barely": net({CHANGE: 0.011})},
    silent={"the same twice": net({CHANGE: 0.0}), "just under": net({CHANGE: 0.0099})},
    skipped={"no network": BARE, "never compared": net()},
)
