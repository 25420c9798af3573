from nn_bridge.rules.unreachable_targets import UnreachableTargets
from tests.nn_bridge.nets_of import BARE, facts, loss, net
from treedebug.testing import rule_test


def first(last, low, high, **fields):
    known = {"function": "mse", "applied": (last,) if last else (), "target_min": low, "target_max": high}
    return net(net_facts=facts(loss=loss(**known | fields)))


test_unreachable_targets = rule_test(
    UnreachableTargets(),
    fires={
        "sigmoid": (first("sigmoid", -3.0, 3.0), {"function": "sigmoid", "target_max": 3.0}),
        "tanh": (first("tanh", -3.0, 3.0), {"function": "tanh"}),
        "relu": (first("relu", -2.0, 3.0), {"function": "relu", "target_min": -2.0}),
        "pixels from 0 to 255": first("sigmoid", 0.0, 255.0),
    },
    silent={
        "within": first("sigmoid", 0.0, 1.0),
        "tanh reaches below zero": first("tanh", -1.0, 1.0),
        "relu has no upper end": first("relu", 0.0, 300.0),
        "a hair outside": first("sigmoid", -0.04, 1.0),
        "no function": first("", -3.0, 3.0),
        "a function without bounds": first("gelu", -3.0, 3.0),
        "classes": first("sigmoid", 0.0, 9.0, function="cross_entropy"),
    },
    skipped={"no network": BARE},
)
