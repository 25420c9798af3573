from nn_bridge.rules.mixed_rows import MixedRows
from tests.nn_bridge.nets_of import BARE, net
from treedebug.testing import rule_test

CHANGE = ("", "output", "row_influence")

test_mixed_rows = rule_test(
    MixedRows(),
    fires={"attention over the batch": (net({CHANGE: 0.4}), {"change": 0.4}), "barely": net({CHANGE: 0.011})},
    silent={"rounding": net({CHANGE: 1e-6}), "just under": net({CHANGE: 0.0099})},
    skipped={"no network": BARE, "never compared": net()},
)
