import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_xgboost
from treedebug.rules.params.uneven_outputs import UnevenOutputs
from treedebug.testing import header, rule_test


def outputs(spreads, strategy="multi_output_tree", objective="reg:squarederror"):
    label = {"kind": "numbers", "mean": 0.0, "std": 1.0, "minimum": -9.0, "maximum": 9.0, "spreads": spreads}
    data = {"train": {"n_rows": 100, "is_training": True, "label": label}}
    return header(data=data, params={"objective": objective, "multi_strategy": strategy})


test_uneven_outputs = rule_test(
    UnevenOutputs(),
    fires={
        "a thousand times": (outputs([1.0, 1000.0]), {"smallest": 1.0, "largest": 1000.0}),
        "five times, one of three": outputs([2.0, 1.5, 7.5]),
    },
    silent={
        "four times": outputs([1.0, 4.0]),
        "trees for each output": outputs([1.0, 1000.0], "one_output_per_tree"),
        "classes": outputs([1.0, 9.0], objective="multi:softprob"),
    },
    skipped={
        "one output": outputs([3.0]),
        "one that differs": outputs([3.0, 0.0]),
        "nothing known": header(),
    },
)


@pytest.mark.parametrize("factor", [1.0, 50.0])
def test_a_real_booster(factor):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    data = xgb.DMatrix(x, np.c_[x[:, 0], factor * x[:, 1]])
    run = record_xgboost({"multi_strategy": "multi_output_tree", "tree_method": "hist"}, data, n_rounds=3)
    assert bool(found(run, UnevenOutputs())) == (factor > 1)
