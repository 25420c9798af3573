from nn_bridge.rules.sorted_batches import SortedBatches
from tests.nn_bridge.nets_of import BARE, net
from treedebug.testing import rule_test

KEY = ("", "labels", "entropy")

test_sorted_batches = rule_test(
    SortedBatches(),
    fires={
        "one class a batch": (net({KEY: 0.0}), {"mix": 0.0, "n_batches": 20}),
        "two of four": (net({KEY: [0.69, 0.6] * 10}), {}),
    },
    silent={
        "mixed": net(),
        "some batches": net({KEY: [1.3] * 11 + [0.0] * 9}),
        "four batches": net({KEY: 0.0}, n_steps=4),
    },
    skipped={"no network": BARE, "labels not seen": net({KEY: None})},
)
