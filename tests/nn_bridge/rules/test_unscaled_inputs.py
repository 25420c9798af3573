from nn_bridge.rules.unscaled_inputs import UnscaledInputs
from tests.nn_bridge.nets_of import BARE, net
from treedebug.testing import rule_test

VAR, MEAN, OTHER = ("", "input", "var"), ("", "input", "mean"), ("evaluation", "input", "var")

test_unscaled_inputs = rule_test(
    UnscaledInputs(),
    fires={
        "large": (net({VAR: 2500.0}), {"std": 50.0}),
        "small": (net({VAR: 1e-6}), {"std": 1e-3}),
        "far from zero": (net({MEAN: 6.0}), {"mean": 6.0}),
        "evaluation is scaled otherwise": (net({OTHER: 400.0}), {"evaluation_std": 20.0, "std": 1.0}),
    },
    silent={
        "scaled": net({OTHER: 1.1}),
        "pictures of 0 to 1": net({VAR: 0.09, MEAN: 0.4}),
        "just under five": net({VAR: 24.9}),
        "evaluation twice as wide": net({OTHER: 4.0}),
        "blank is another rule's": net({VAR: 0.0}),
    },
    skipped={"no network": BARE, "whole numbers": net({VAR: None, MEAN: None})},
)
