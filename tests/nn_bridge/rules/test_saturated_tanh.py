from dataclasses import replace

from nn_bridge.rules.saturated_tanh import SaturatedTanh
from tests.nn_bridge.nets_of import BARE, facts, net
from treedebug.testing import rule_test

KEY = ("act1", "activation", "saturated_share")


def squashing(values, function="tanh"):
    layers = tuple(replace(x, activation=function) if x.name == "act1" else x for x in facts().layers)
    return net({KEY: values}, net_facts=facts(layers=layers))


test_saturated_tanh = rule_test(
    SaturatedTanh(),
    fires={
        "from the start": (squashing(0.9), {"layer": "act1", "saturated_share": 0.9, "first_step": 0}),
        "from a step on": (squashing([0.1] * 14 + [0.6] * 6), {"first_step": 14}),
    },
    silent={
        "just under half": squashing(0.49),
        "four steps": squashing([0.1] * 16 + [0.9] * 4),
        "it recovered": squashing([0.9] * 4 + [0.1] * 16),
        "the other function": squashing(0.95, "sigmoid"),
    },
    skipped={"no network": BARE, "no such layer": net()},
)
