import numpy as np

from nn_bridge.record.network_facts import OptimizerFacts
from nn_bridge.rules.dominant_weight_decay import DominantWeightDecay
from tests.nn_bridge.nets_of import BARE, MATRICES, facts, net
from treedebug.testing import rule_test


def decayed(decay, *, kind="Adam", norm=4.0, gradient=0.5, left=1.0, end=0.4, **group):
    optimizer = OptimizerFacts(type=kind, n_params=6, groups=({"lr": 0.001, "weight_decay": decay, "n": 6, **group},))
    shrinking = np.linspace(norm, end * norm, 20).tolist()
    changed = {(name, "weight", k): shrinking for name in MATRICES for k in ("norm", "mean_abs")}
    changed |= {(name, "gradient", "norm"): gradient for name in MATRICES}
    changed[("", "loss", "value")] = [1.3] + [1.3 * left] * 19
    return net(changed, net_facts=facts(optimizers=(optimizer,)))


test_dominant_weight_decay = rule_test(
    DominantWeightDecay(),
    fires={
        "half of the weights": (decayed(0.5), {"decay": 0.5}),
        "decoupled": decayed(2.0, kind="AdamW", lr=1.0),
    },
    silent={
        "weights that hardly shrink: gradients vanish": decayed(0.5, gradient=0.001, end=0.95),
        "the usual decay": decayed(0.0001),
        "just under twice the gradient": decayed(0.24),
        "learned all the same": decayed(0.5, left=0.2),
        "decoupled, usual": decayed(0.01, kind="AdamW"),
    },
    skipped={
        "no network": BARE,
        "no decay": decayed(0.0),
        "no gradient": net({(n, "gradient", "norm"): None for n in MATRICES}),
    },
)
