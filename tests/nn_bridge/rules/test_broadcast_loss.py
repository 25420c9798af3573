from nn_bridge.rules.broadcast_loss import BroadcastLoss
from tests.nn_bridge.nets_of import BARE, facts, loss, net
from treedebug.testing import rule_test


def first(*shape, **fields):
    return net(net_facts=facts(loss=loss(function="mse", broadcast=shape, **fields)))


test_broadcast_loss = rule_test(
    BroadcastLoss(),
    fires={"a column against a row": (first(32, 32), {"n_rows": 32}), "two rows": first(2, 2)},
    silent={"the same shapes": first()},
    skipped={"no network": BARE},
)
