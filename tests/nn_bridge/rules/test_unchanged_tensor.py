from nn_bridge.rules.unchanged_tensor import UnchangedTensor
from tests.nn_bridge.nets_of import BARE, MATRICES, facts, matrix, net
from treedebug.core.findings import Severity
from treedebug.engine.evaluate import evaluate
from treedebug.testing import rule_test

KEY = ("fc1.weight", "update", "mean_abs")
REST = (matrix("fc2.weight", 64, 64), matrix("out.weight", 4, 64))
DRAWN = 48**-0.5
"""The largest weight that PyTorch draws for 48 inputs."""


def held(**fields):
    return facts(params=(matrix("fc1.weight", **fields), *REST))


def frozen(top, var=1 / 144, *, pulled=False):
    changed = {
        KEY: None,
        ("fc1.weight", "gradient", "mean_abs"): [0.01, 0.02] * 10 if pulled else None,
        ("fc1.weight", "update", "nonfinite_share"): None,
        ("fc1.weight", "weight", "max"): top,
    }
    return net(changed, net_facts=held(requires_grad=False, in_optimizer=False, var=var))


ARRIVED = ("", "mode", "gradient_arrived")
WIPED = {(n, k, "mean_abs"): 0.0 for n in MATRICES for k in ("update", "gradient")}

test_unchanged_tensor = rule_test(
    UnchangedTensor(),
    fires={
        "not in the optimiser": (
            net({KEY: None}, net_facts=held(in_optimizer=False)),
            {"cause": "not held", "layer": "fc1.weight"},
        ),
        "no gradient": (
            net({KEY: 0.0, ("fc1.weight", "gradient", "mean_abs"): 0.0, ARRIVED: 1.0}),
            {"cause": "no gradient", "first_step": 0},
        ),
        "a step that moves nothing": (net({KEY: 0.0}), {"cause": "no step"}),
        "it stopped": (net({KEY: [1e-4] * 15 + [0.0] * 5}), {"first_step": 15, "ever_moved": True}),
        "unfrozen, but not held": (frozen(0.9, pulled=True), {"cause": "unfrozen"}),
        "wiped before the step": (net(WIPED | {ARRIVED: 1.0}), {"cause": "wiped"}),
        "frozen as drawn": (frozen(0.99 * DRAWN), {"cause": "frozen"}),
    },
    silent={
        "healthy": net(),
        "four steps": net({KEY: [1e-4] * 16 + [0.0] * 4}),
        "stood at first": net({KEY: [0.0] * 4 + [1e-4] * 16}),
    },
    skipped={"no network": BARE, "no step": net(n_steps=0)},
)


def test_layers_frozen_after_a_training_of_their_own_are_only_worth_knowing():
    drawn, trained = (
        evaluate(r.at(r.n_rounds), [UnchangedTensor()]).findings[0]
        for r in (frozen(0.99 * DRAWN), frozen(0.9, var=0.03))
    )
    assert drawn.severity is Severity.WARNING
    assert trained.severity is Severity.INFO
