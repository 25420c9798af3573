from nn_bridge.rules.unregistered_layers import UnregisteredLayers
from tests.nn_bridge.nets_of import BARE, facts, loss, net
from treedebug.testing import rule_test


def first(*shapes):
    return net(net_facts=facts(loss=loss(unregistered=shapes)))


test_unregistered_layers = rule_test(
    UnregisteredLayers(),
    fires={
        "one matrix": (first("32 x 10"), {"n_parameters": 1}),
        "two layers in a list": (first("32 x 10", "32", "32 x 32", "32"), {"n_parameters": 4}),
    },
    silent={"all registered": first()},
    skipped={"no network": BARE},
)
