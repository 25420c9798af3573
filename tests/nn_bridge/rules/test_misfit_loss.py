from dataclasses import replace

from nn_bridge.rules.misfit_loss import MisfitLoss
from nn_bridge.rules.saturated_sigmoid import SaturatedSigmoid
from tests.nn_bridge.nets_of import BARE, facts, loss, net
from treedebug.engine.evaluate import evaluate
from treedebug.testing import rule_test


def first(**fields):
    return net(net_facts=facts(loss=loss(**fields)))


test_misfit_loss = rule_test(
    MisfitLoss(),
    fires={
        "softmax twice, in the graph": (first(applied=("softmax",)), {"cause": "softmax", "function": "cross_entropy"}),
        "softmax twice, by its rows": (first(row_sum_deviation=1e-7, row_min=0.01), {"cause": "softmax"}),
        "sigmoid before it": (first(applied=("sigmoid",)), {"cause": "sigmoid"}),
        "an error of amounts": (first(function="mse", first=0.3), {"cause": "amounts"}),
        "the wrong sign": (first(first=-1.4), {"cause": "sign"}),
        "summed": (first(reduction="sum", first=46.0, is_plain=False), {"cause": "sum", "first_loss": 46.0}),
        "ten times a guess": (first(first=14.0), {"cause": "value", "ratio": 14.0 / 1.3862943611198906}),
        "softmax over one output": (first(applied=("softmax",), n_outputs=1, function="bce"), {"cause": "softmax"}),
        "one-hot targets": first(function="mse", first=0.3, targets="one-hot"),
    },
    silent={
        "sound": first(),
        "nll takes log_softmax": first(function="nll", applied=("log_softmax",), row_sum_deviation=4.0),
        "nearly three times a guess": first(first=4.1),
        "log_softmax twice changes nothing": first(applied=("log_softmax",)),
        "far under a guess: trained before": first(first=0.1),
        "ten times a guess, with class weights": first(first=14.0, is_plain=False),
        "a sum that was divided by hand": first(reduction="sum"),
        "a reconstruction beside a head": first(function="mse", first=0.3, targets="amounts"),
        "one row is its own sum": first(reduction="sum", n_rows=1),
    },
    skipped={"no network": BARE, "no classes": first(n_classes=0), "no loss seen": first(first=float("nan"))},
)


def test_a_sigmoid_too_many_is_why_it_is_saturated():
    layers = tuple(replace(x, activation="sigmoid" if x.name == "act1" else x.activation) for x in facts().layers)
    begun = facts(layers=layers, loss=loss(function="bce_with_logits", applied=("sigmoid",)))
    run = net({("act1", "activation", "saturated_share"): 0.9}, net_facts=begun)
    findings = evaluate(run.at(run.n_rounds), [MisfitLoss(), SaturatedSigmoid()]).findings
    assert {f.code: f.explains for f in findings} == {"NN914": ("NN909",), "NN909": ()}
