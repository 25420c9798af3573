import lightgbm as lgb
import numpy as np
import pytest

import treedebug
from treedebug.rules.classes.overweighted_class import OverweightedClass
from treedebug.testing import header, labels, rule_test


def weighed(counts, *, weighted=None, objective="binary:logistic", **params):
    given = {"objective": objective, **params}
    return header(data=labels(counts, weighted=weighted), params=given, params_given=params, objective=objective)


test_overweighted_class = rule_test(
    OverweightedClass(),
    fires={
        "balanced rows, and a weight on top": (weighed([500, 500], scale_pos_weight=9), {"odds": 9.0, "share": 0.5}),
        "three times as heavy": weighed([500, 500], scale_pos_weight=3),
        "sample weights": weighed([500, 500], weighted=[500.0, 2000.0]),
        "far more than the classes ask for": weighed([900, 100], scale_pos_weight=50),
    },
    silent={
        "what the classes ask for": weighed([900, 100], scale_pos_weight=9),
        "somewhat more": weighed([900, 100], scale_pos_weight=26),
        "hardly a weight, the positives are many": weighed([100, 900], scale_pos_weight=1.4),
        "weighed down": weighed([500, 500], scale_pos_weight=0.1),
        "no weight": weighed([500, 500]),
        "is_unbalance": weighed([500, 500], is_unbalance=True),
    },
    skipped={
        "no classes": header(params={"objective": "reg:squarederror"}),
        "labels unknown": header(params={"objective": "binary:logistic"}),
    },
)


@pytest.mark.parametrize(("weight", "expected"), [(9, True), (1, False)])
def test_before_training(weight, expected):
    rng = np.random.default_rng(0)
    data = lgb.Dataset(rng.normal(size=(400, 3)), rng.integers(0, 2, 400), params={"verbosity": -1})
    asked = treedebug.check_params({"objective": "binary", "scale_pos_weight": weight}, data, num_boost_round=20)
    assert ("CL409" in {f.code for f in asked.findings}) is expected
