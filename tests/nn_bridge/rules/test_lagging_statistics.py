from dataclasses import replace

from nn_bridge.record.network_facts import LayerFacts
from nn_bridge.rules.lagging_statistics import LaggingStatistics
from tests.nn_bridge.nets_of import BARE, facts, net
from treedebug.testing import ending, rounds, rule_test


def normed(momentum, *, train=0.3, valid=2.0, n_steps=128, **settings):
    known = {"momentum": momentum, "track_running_stats": True} | settings
    norm = LayerFacts(name="norm", type="BatchNorm1d", is_weighted=False, settings=known)
    begun = facts()
    run = net(net_facts=replace(begun, layers=(*begun.layers, norm)), ended=False)
    n = run.n_rounds
    run.rounds.truncate(0)
    for i in range(n):
        run.evals.append(i, "train", "loss", train)
        run.evals.append(i, "valid", "loss", valid)
    return ending(rounds(n, iterations=[n_steps * (i + 1) // n for i in range(n)], run=run))


test_lagging_statistics = rule_test(
    LaggingStatistics(),
    fires={"a momentum of a thousandth": (normed(0.001), {"layer": "norm", "n_steps": 128})},
    silent={
        "the usual momentum": normed(0.1),
        "evaluation as good as training": normed(0.001, valid=0.35),
        "few steps": normed(0.001, n_steps=15),
    },
    skipped={"no network": BARE, "no batch norm": net(), "no statistics": normed(0.1, track_running_stats=False)},
)
