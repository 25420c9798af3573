from nn_bridge.rules.low_variance_tensor import LowVarianceTensor
from tests.nn_bridge.nets_of import BARE, net
from treedebug.testing import rule_test

test_low_variance_tensor = rule_test(
    LowVarianceTensor(),
    fires={
        "an activation is one number": (
            net({("fc1", "activation", "var"): 1e-10}),
            {"kind": "activation", "layer": "fc1", "first_step": 0},
        ),
        "weights decayed": (
            net({("fc2.weight", "weight", "var"): [0.01] * 10 + [1e-8] * 10}),
            {"kind": "weight", "first_step": 10, "std": 1e-4},
        ),
        "inputs of one value": (net({("", "input", "var"): 0.0, ("", "input", "mean"): 3.0}), {"kind": "input"}),
    },
    silent={
        "healthy": net(),
        "zeros are another rule's": net({("", "input", "var"): 0.0, ("", "input", "zero_share"): 1.0}),
        "weights shrank to a third": net({("fc2.weight", "weight", "var"): [0.01] * 10 + [0.001] * 10}),
        "a scale of ones": net(
            {("norm1.weight", "weight", k): v for k, v in (("mean", 1.0), ("var", 0.0), ("zero_share", 0.0))}
        ),
        "four steps": net({("fc1", "activation", "var"): [1.0] * 16 + [1e-12] * 4}),
    },
    skipped={"no network": BARE},
)
