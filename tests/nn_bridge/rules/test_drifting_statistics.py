from dataclasses import replace

from nn_bridge.record.network_facts import LayerFacts
from nn_bridge.rules.drifting_statistics import DriftingStatistics
from tests.nn_bridge.nets_of import BARE, facts, matrix, net
from treedebug.testing import rule_test


def normed(*, frozen, training=True, **settings):
    norm = LayerFacts(name="norm", type="BatchNorm1d", is_weighted=False, is_training=training, settings=settings)
    scale = replace(matrix("norm.weight", requires_grad=not frozen), is_matrix=False)
    begun = facts()
    return net(net_facts=replace(begun, layers=(*begun.layers, norm), params=(*begun.params, scale)))


test_drifting_statistics = rule_test(
    DriftingStatistics(),
    fires={"frozen, in training mode": (normed(frozen=True), {"layer": "norm", "n_layers": 1})},
    silent={
        "trained": normed(frozen=False),
        "frozen, in evaluation mode": normed(frozen=True, training=False),
        "keeps no statistics": normed(frozen=True, track_running_stats=False),
        "no batch norm": net(),
    },
    skipped={"no network": BARE},
)
