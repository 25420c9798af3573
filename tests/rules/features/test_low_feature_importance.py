import numpy as np
import pytest

from tests.boosters import halves, train_xgboost
from tests.curves_of import found
from treedebug.rules.features.low_feature_importance import LowFeatureImportance
from treedebug.testing import curves, grown, leaf, rule_test, split, trees


def with_gains(gains):
    """A round of one tree: a chain with one split for each feature."""
    tree = leaf()
    for feature, gain in enumerate(gains):
        tree = split(feature, leaf(), tree, gain=gain)
    return tree


WEAK = [100.0, 90.0, 80.0, 0.1, 0.1, 0.1, 0.1]

test_low_feature_importance = rule_test(
    LowFeatureImportance(min_count=5),
    fires={
        "four of seven": (trees([with_gains(WEAK)] * 20), {"n_weak": 4, "n_features": 7}),
        "two of six are never used": (trees([with_gains([90.0, 80.0, 70.0, 0.1])] * 20, n_features=6), {"n_unused": 2}),
    },
    silent={
        "all alike": trees([with_gains([1.0] * 7)] * 20),
        "three of seven": trees([with_gains([100.0, 90.0, 80.0, 70.0, 0.1, 0.1, 0.1])] * 20),
        "a wide table, mostly unused": trees([with_gains([5.0] * 9)] * 20, n_features=5000),
        "nineteen rounds": trees([with_gains(WEAK)] * 19),
        "four features": trees([with_gains([100.0, 0.1, 0.1, 0.1])] * 20),
    },
    skipped={
        "no trees": curves(valid=[0.5] * 20),
        "no splits": trees([leaf()] * 20),
        "no gain": trees([grown(2, gains=(0.0,))] * 20),
    },
)  # fmt: skip

test_few_features_cost_nothing = rule_test(
    LowFeatureImportance(),
    fires={"half of two hundred": (trees([with_gains([9.0] * 100 + [0.01] * 100)] * 20), {"n_weak": 100})},
    silent={"half of all but one": trees([with_gains([9.0] * 99 + [0.01] * 100)] * 20)},
    skipped={"no trees": curves(valid=[0.5] * 20)},
)


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(600, 8))
    target = features[:, 0] * 10 + 3 * features[:, 1] if sick else features.sum(axis=1)
    train, valid = halves(features, target + 0.05 * rng.normal(size=600))
    params = {"objective": "reg:squarederror", "max_depth": 4, "eta": 0.2}
    findings = found(train_xgboost(params, train, valid, 30), LowFeatureImportance(min_count=5))
    assert bool(findings) is sick
    if sick:
        assert {"f0", "f1"}.isdisjoint(findings[0].evidence["features"])
