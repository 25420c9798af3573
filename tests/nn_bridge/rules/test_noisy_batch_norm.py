from nn_bridge.record.network_facts import LayerFacts
from nn_bridge.rules.noisy_batch_norm import NoisyBatchNorm
from tests.nn_bridge.nets_of import BARE, facts, loss, net
from treedebug.testing import rule_test

NORMED = (*facts().layers, LayerFacts(name="norm", type="BatchNorm1d", is_weighted=False))


def batch(n_rows, layers=NORMED):
    return net(net_facts=facts(layers=layers, loss=loss(n_rows=n_rows)))


test_noisy_batch_norm = rule_test(
    NoisyBatchNorm(),
    fires={"two rows": (batch(2), {"n_rows": 2, "layer": "norm"}), "seven": (batch(7), {"n_rows": 7})},
    silent={"eight rows": batch(8), "no batch norm": batch(2, facts().layers)},
    skipped={"no network": BARE, "rows unknown": batch(0)},
)
