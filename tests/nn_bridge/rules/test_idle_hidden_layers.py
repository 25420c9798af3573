from dataclasses import replace

from nn_bridge.record.network_facts import LayerFacts
from nn_bridge.rules.idle_hidden_layers import IdleHiddenLayers
from tests.nn_bridge.nets_of import BARE, facts, matrix, net
from treedebug.testing import rule_test

LEARNT = {("", "loss", "value"): [1.3] * 3 + [0.1] * 17}


def kernel(distance=0.004, start=0.97, linear=0.9, **more):
    found = {"distance": distance, "start_r2": start, "linear_r2": linear, **more}
    return {("", "kernel", name): value for name, value in found.items()} | LEARNT


NORMED = replace(facts(), layers=(*facts().layers, LayerFacts(name="norm", type="BatchNorm1d", is_weighted=False)))
ONE_LAYER = replace(facts(), params=(matrix("fc1.weight", requires_grad=False), matrix("out.weight", 4, 64)))

test_idle_hidden_layers = rule_test(
    IdleHiddenLayers(),
    fires={
        "a net that stays at its start": (net(kernel()), {"distance": 0.004, "start_r2": 0.97, "linear_r2": 0.9}),
        "with labels": (net(kernel(ridge_score=[0.75] * 19 + [0.76])), {"start_r2": 0.97}),
    },
    silent={
        "the kernel has turned": net(kernel(distance=0.1)),
        "features were learnt in a dominant constant": net(kernel(start=0.8)),
        "far from linear": net(kernel(linear=0.1)),
        "not measured since the start": net(kernel(start=float("nan"))),
        "nothing is learnt yet": net(kernel() | {("", "loss", "value"): 1.3}),
        "running statistics": net(kernel(), net_facts=NORMED),
        "one layer alone is trained": net(kernel(), net_facts=ONE_LAYER),
    },
    skipped={"no kernel was asked for": (net(), "kernel="), "no network": BARE},
)
