import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from tests.rules.features.test_low_feature_importance import with_gains
from treedebug.core.findings import Severity
from treedebug.rules.features.unused_features import UnusedFeatures
from treedebug.testing import curves, ending, leaf, rule_test, trees


def rarely(n, *, n_used=4, n_features=6):
    """The last used feature is split on seven times only."""
    often, all_used = with_gains([1.0] * (n_used - 1)), with_gains([1.0] * n_used)
    return trees([*[all_used] * 7, *[often] * (n - 7)], n_features=n_features)


def dead(n_rows):
    """One of five features is not split on, in a training of so many rows that has not ended."""
    data = {"train": {"n_rows": n_rows, "is_training": True}}
    return ending(trees([with_gains([1.0] * 4)] * 20, n_features=5, data=data), ended=False)


def levels(*names):
    """Of the named features the first four are split, always in one place."""
    return trees([with_gains([1.0] * 4)] * 50, n_features=len(names), feature_names=list(names))


test_unused_features = rule_test(
    UnusedFeatures(),
    fires={
        "chance may be, after fifty rounds": rarely(50),
        "while it trains": ending(trees([with_gains([1.0] * 4)] * 20, n_features=5), ended=False),
        "two hundred rows": dead(200),
        "one of five": (trees([with_gains([1.0] * 4)] * 50, n_features=5), {"n_unused": 1, "features": ["f4"]}),
        "a name like no other": levels("kind_0", "kind_1", "age", "kind_2", "income"),
        "most": (trees([with_gains([1.0] * 4)] * 100, n_features=80), {"n_unused": 76}),
    },
    silent={
        "a level that the others tell": levels("kind_0", "kind_1", "age", "kind_2", "kind_3"),
        "a row less": dead(199),
        "all are used": trees([with_gains([1.0] * 4)] * 50),
        "forty-nine rounds, and chance may be": rarely(49),
        "still training, and chance may be": ending(rarely(50), ended=False),
        "too few splits for so many": rarely(50, n_features=50),
        "one of a hundred": rarely(50, n_used=99, n_features=100),
        "six dead columns of eighty, while it trains": ending(
            trees([with_gains([1.0] * 74)] * 50, n_features=80), ended=False
        ),
        "all others, but for nineteen rounds": trees([with_gains([1.0] * 4)] * 19, n_features=5),
    },
    skipped={"no trees": curves(valid=[0.5] * 50), "no splits": trees([leaf()] * 50)},
)


def test_a_warning_only_where_chance_cannot_be():
    assert found(rarely(50), UnusedFeatures())[0].severity is Severity.INFO
    assert found(trees([with_gains([1.0] * 4)] * 50, n_features=5), UnusedFeatures())[0].severity is Severity.WARNING


def test_a_long_list_is_cut():
    run = trees([with_gains([1.0] * 10)] * 300, n_features=300)
    finding = found(run, UnusedFeatures())[0]
    assert len(finding.evidence["features"]) == 100
    assert finding.message.endswith("f10, f11, f12, f13, f14 and 285 more")


@pytest.mark.parametrize("train_it", [train_xgboost, train_lightgbm])
@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(train_it, sick):
    features, labels = noisy_classes()
    if sick:
        features = np.column_stack([features, np.zeros(len(features))])
    train, valid = halves(features, labels)
    params = {"objective": "binary:logistic" if train_it is train_xgboost else "binary"}
    findings = found(train_it(params, train, valid, 50, classes=False), UnusedFeatures())
    assert [f.evidence["features"] for f in findings] == ([["f10"]] if sick else [])
