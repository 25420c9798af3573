from dataclasses import replace

from nn_bridge.rules.poor_initialization import PoorInitialization
from tests.nn_bridge.nets_of import BARE, facts, matrix, net
from treedebug.testing import rule_test


def begun(first, **more):
    return net(net_facts=facts(params=(first, matrix("fc2.weight", 64, 64), matrix("out.weight", 4, 64))), **more)


PRIOR = replace(matrix("out.bias", 4, 1, mean=-4.6), is_matrix=False)
ZEROS = [
    matrix(n, mean=0.0, var=0.0, zero_share=1.0, flat_unit_share=1.0, twin_unit_share=1.0)
    for n in ("fc1.weight", "fc2.weight")
]

test_poor_initialization = rule_test(
    PoorInitialization(),
    fires={
        "all units equal": (
            begun(matrix("fc1.weight", mean=0.05, var=0.0, twin_unit_share=1.0)),
            {"layer": "fc1.weight", "twin_share": 1.0},
        ),
        "two thirds are zero": (net(net_facts=facts(params=(*ZEROS, matrix("out.weight", 4, 64)))), {"n_layers": 2}),
        "far too small": (begun(matrix("fc1.weight", 64, 100, var=1e-8)), {"layer": "fc1.weight", "gain": 1e-3}),
        "far too large": (begun(matrix("fc1.weight", 64, 100, var=1.0)), {"gain": 10.0}),
        "the signal is lost": (net({("fc1", "activation", "var"): 1e-9}), {"layer": "fc1"}),
        "the signal is blown up": (net({("fc2", "activation", "var"): 1e5}), {"layer": "fc2"}),
    },
    silent={
        "PyTorch's defaults": net(),
        "one layer starts at zero on purpose": begun(ZEROS[0]),
        "a third of the units are twins": begun(matrix("fc1.weight", twin_unit_share=0.33)),
        "outputs that shrink layer by layer": net({("fc1", "activation", "var"): 1e-4}),
        "a small last layer": net(net_facts=facts(params=(*facts().params[:2], matrix("out.weight", 4, 64, var=1e-8)))),
        "a prior in the last bias": net(
            net_facts=facts(params=(*facts().params, replace(matrix("out.bias", 4, 1, mean=-4.6), is_matrix=False)))
        ),
        "units with one input": begun(matrix("fc1.weight", 64, 1, twin_unit_share=1.0, var=0.33)),
    },
    skipped={
        "trained before they were seen": net(net_facts=facts(params=(matrix("a", var=1.0),), are_initial=False)),
        "no network": BARE,
        "no matrix": net(net_facts=facts(params=())),
    },
)
