from dataclasses import replace

from nn_bridge.rules.missing_activation import MissingActivation
from tests.nn_bridge.nets_of import BARE, facts, matrix, net
from treedebug.testing import rule_test


def joined(*names, changed=None, **fields):
    layers = tuple(replace(x, is_linear_to=x.feeds) if x.name in names else x for x in facts().layers)
    layers = tuple(replace(x, **(changed or {}).get(x.name, {})) for x in layers)
    return net(net_facts=facts(layers=layers, **fields))


NARROW = (matrix("fc1.weight", 8, 48), matrix("fc2.weight", 64, 8), matrix("out.weight", 4, 64))

test_missing_activation = rule_test(
    MissingActivation(),
    fires={
        "one pair": (joined("fc1"), {"layer": "fc1", "n_pairs": 1}),
        "every pair": (joined("fc1", "fc2"), {"n_pairs": 2}),
    },
    silent={
        "activations": net(),
        "a factorised layer": joined("fc1", params=NARROW),
        "a shortcut passes the second one by": joined("fc1", changed={"fc1": {"feeds": ("fc2", "out")}}),
        "a projection before attention": joined("fc1", changed={"fc2": {"type": "MultiheadAttention"}}),
        "a projection before a recurrent layer": joined("fc1", changed={"fc2": {"type": "LSTM"}}),
        "a depthwise convolution": joined("fc1", changed={"fc1": {"type": "Conv2d", "settings": {"groups": 64}}}),
    },
    skipped={"no network": BARE},
)
