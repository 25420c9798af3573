from nn_bridge.record.network_facts import LayerFacts
from nn_bridge.rules.all_zero_tensor import AllZeroTensor
from tests.nn_bridge.nets_of import BARE, facts, matrix, net
from treedebug.testing import rule_test

EMBEDDING = facts(
    layers=(LayerFacts(name="embed", type="Embedding", is_weighted=False), *facts().layers),
    params=(matrix("embed.weight"), *facts().params),
)


def dropping(p):
    dropout = LayerFacts(name="drop", type="Dropout", is_weighted=False, settings={"p": p})
    return net(net_facts=facts(layers=(*facts().layers, dropout)))


test_all_zero_tensor = rule_test(
    AllZeroTensor(),
    fires={
        "blank inputs": (net({("", "input", "zero_share"): 1.0}), {"kind": "input", "first_step": 0}),
        "a gradient": (
            net({("fc2.weight", "gradient", "zero_share"): [0.1] * 12 + [1.0] * 8}),
            {"layer": "fc2.weight", "first_step": 12},
        ),
        "an activation": (
            net({("fc1", "activation", "zero_share"): 0.99}),
            {"kind": "activation", "layer": "fc1", "zero_share": 0.99},
        ),
        "a dropout of nearly all": (dropping(0.99), {"kind": "dropout", "layer": "drop"}),
        "weights": (net({("out.weight", "weight", "zero_share"): 1.0}), {"kind": "weight"}),
    },
    silent={
        "healthy": net(),
        "a heavy dropout": dropping(0.8),
        "a sparse activation": net({("fc1", "activation", "zero_share"): 0.97}),
        "four steps": net({("", "input", "zero_share"): [0.0] * 16 + [1.0] * 4}),
        "biases start at zero": net(
            {("fc1.bias", "weight", k): v for k, v in (("mean", 0.0), ("var", 0.0), ("zero_share", 1.0))}
        ),
        "an embedding's gradient is sparse": net(
            {("embed.weight", "gradient", k): v for k, v in (("mean", 0.0), ("var", 0.1), ("zero_share", 0.995))},
            net_facts=EMBEDDING,
        ),
    },
    skipped={"no network": BARE},
)
