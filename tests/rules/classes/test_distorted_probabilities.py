import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_lightgbm, record_xgboost
from treedebug.rules.classes.distorted_probabilities import DistortedProbabilities
from treedebug.testing import classes, ending, header, labels, rule_test

BOTH = labels([900, 100]) | labels([900, 100], dataset="valid")
WEIGHED = labels([900, 100], weighted=[900.0, 900.0])


def mean_of(probability, *, ended=True, data=BOTH, n=20, **params):
    run = classes(
        [[[700, 200], [20, 80]]] * n, probability=[[1 - probability, probability]] * n, data=data,
        params={"objective": "binary:logistic", **params}, objective="binary:logistic",
    )  # fmt: skip
    return ending(run, ended=ended)


def drawn(probability, **params):
    return header(
        run=mean_of(probability), library="lightgbm", objective="binary", params={"objective": "binary", **params}
    )


test_distorted_probabilities = rule_test(
    DistortedProbabilities(),
    fires={
        "weighed up": (mean_of(0.4, scale_pos_weight=9), {"predicted": 0.4, "share": 0.1}),
        "weighed down": mean_of(0.02, scale_pos_weight=0.1),
        "few negatives drawn": drawn(0.4, neg_bagging_fraction=0.05, subsample_freq=1),
        "sample weights": mean_of(0.4, data=WEIGHED | labels([900, 100], dataset="valid")),
    },
    silent={
        "no weight": mean_of(0.4),
        "no rows drawn": drawn(0.4, neg_bagging_fraction=0.05),
        "both classes drawn alike": drawn(0.4, pos_bagging_fraction=0.05, neg_bagging_fraction=0.05, subsample_freq=1),
        "a weight that hardly shows": mean_of(0.2, scale_pos_weight=9),
        "the other way": mean_of(0.02, scale_pos_weight=9),
        "a weight of two": mean_of(0.4, scale_pos_weight=2),
        "while it trains": mean_of(0.4, scale_pos_weight=9, ended=False),
        "validation shares the weights": mean_of(
            0.4, data=WEIGHED | labels([900, 100], dataset="valid", weighted=[900.0, 900.0])
        ),
    },
    skipped={"no classes": header(params={"objective": "reg:squarederror"}), "nothing known": header()},
)


@pytest.mark.parametrize("weight", [1.0, 20.0])
def test_a_real_booster(weight):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 4))
    y = (x[:, 0] + rng.normal(size=2000) > 2.3).astype(int)
    a, b = slice(0, 1000), slice(1000, 2000)
    params = {"scale_pos_weight": weight, "learning_rate": 0.1}
    runs = (
        record_xgboost({"objective": "binary:logistic", "max_depth": 3, **params}, xgb.DMatrix(x[a], y[a]),
                       [xgb.DMatrix(x[b], y[b])], 30),
        record_lightgbm({"objective": "binary", "num_leaves": 7, **params}, lgb.Dataset(x[a], y[a]),
                        [lgb.Dataset(x[b], y[b])], 30),
    )  # fmt: skip
    for run in runs:
        assert bool(found(run, DistortedProbabilities())) is (weight > 1)
