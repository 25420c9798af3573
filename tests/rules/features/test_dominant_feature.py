import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_xgboost
from tests.curves_of import found
from tests.rules.features.test_low_feature_importance import with_gains
from treedebug.core.findings import Severity
from treedebug.rules.features.dominant_feature import DominantFeature
from treedebug.testing import curves, leaf, rule_test, trees

NAMES = ["age", "paid_back", "income", "zip", "city"]

test_dominant_feature = rule_test(
    DominantFeature(),
    fires={
        "one holds nearly all": (trees([with_gains([1, 97, 1, 1, 0])] * 10, feature_names=NAMES), {"share": 0.97}),
        "one holds most": (trees([with_gains([5, 85, 5, 5])] * 10), {"share": 0.85}),
    },
    silent={
        "one leads": trees([with_gains([10, 70, 10, 10])] * 10),
        "three features": trees([with_gains([1, 98, 1])] * 10),
        "nine rounds": trees([with_gains([1, 97, 1, 1])] * 9),
    },
    skipped={"no trees": curves(valid=[0.5] * 20), "no splits": trees([leaf()] * 20)},
)


def test_severity_and_name():
    warned = found(trees([with_gains([1, 97, 1, 1])] * 10, feature_names=NAMES), DominantFeature())[0]
    assert warned.severity is Severity.WARNING
    assert warned.subject == "paid_back"
    assert found(trees([with_gains([5, 85, 5, 5])] * 10), DominantFeature())[0].severity is Severity.INFO


@pytest.mark.parametrize("leak", [True, False])
def test_a_real_booster(leak):
    features, labels = noisy_classes()
    if leak:
        features = np.column_stack([features, labels])
    train, valid = halves(features, labels)
    params = {"objective": "binary:logistic", "max_depth": 3, "eta": 0.1}
    findings = found(train_xgboost(params, train, valid, 25, classes=False), DominantFeature())
    assert [f.subject for f in findings] == (["f10"] if leak else [])
