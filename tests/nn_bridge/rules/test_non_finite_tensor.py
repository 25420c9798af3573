from nn_bridge.rules.non_finite_tensor import NonFiniteTensor
from tests.nn_bridge.nets_of import BARE, facts, net
from treedebug.engine.evaluate import evaluate
from treedebug.testing import rule_test

LATE = [0.0] * 8 + [0.25] * 12
EVERYWHERE = {(n, k, "nonfinite_share"): LATE for n, k in (("fc2.weight", "gradient"), ("fc2", "activation"))}

test_non_finite_tensor = rule_test(
    NonFiniteTensor(),
    fires={
        "a gradient": (
            net({("fc2.weight", "gradient", "nonfinite_share"): LATE}),
            {"kind": "gradient", "layer": "fc2.weight", "first_step": 8, "share": 0.25},
        ),
        "the activation comes before the gradient": (
            net(EVERYWHERE),
            {"kind": "activation", "layer": "fc2", "n_tensors": 2},
        ),
        "an input": (
            net({("", "input", "nonfinite_share"): [0.0] * 8 + [0.01] + [0.0] * 11} | EVERYWHERE),
            {"kind": "input"},
        ),
        "the loss": (net({("", "loss", "value"): [1.3] * 19 + [float("inf")]}), {"kind": "loss", "first_step": 19}),
    },
    silent={"healthy": net(), "huge but finite": net({("", "loss", "value"): 1e30})},
    skipped={"no network": BARE, "no step": net(n_steps=0)},
)


def test_half_precision_gradients_want_a_scaler_that_is_taken_out():
    run = net({("fc2.weight", "gradient", "nonfinite_share"): LATE}, net_facts=facts(amp="float16"))
    assert evaluate(run.at(run.n_rounds), [NonFiniteTensor()]).findings[0].try_next[0].parameter == "GradScaler"
