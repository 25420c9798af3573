import numpy as np
import pytest

from tests.boosters import train_lightgbm, train_xgboost
from tests.curves_of import fall, found, turn
from treedebug.core.data.data_sets import DataSets
from treedebug.core.findings import Severity
from treedebug.rules.features.identifier_feature import IdentifierFeature
from treedebug.testing import curves, leaf, number, rule_test, split, table, trees

NAMES = ["id", "age", "income", "zip"]


def split_on(counts, *, varied=(0,), worth=0.2):
    """Rounds of one tree: a chain with this many splits on each feature, on `varied` ones never at the same place."""

    def tree(k):
        node = leaf()
        for feature, count in enumerate(counts):
            for i in range(count):
                threshold = 100.0 * k + i if feature in varied else 0.0
                node = split(feature, leaf(), node, gain=worth if feature == 0 else 1.0, threshold=threshold)
        return node

    return tree


def run_of(counts, n=30, **how):
    tree = split_on(counts, **how)
    return trees([tree(k) for k in range(n)], feature_names=NAMES)


test_identifier_feature = rule_test(
    IdentifierFeature(),
    fires={
        "many places, little gain": (run_of([4, 4, 4, 4]), {"n_splits": 120}),
        "another feature varies too": run_of([4, 1, 4, 4], varied=(0, 1)),
    },
    silent={
        "it gains like the others": run_of([4, 4, 4, 4], worth=1.0),
        "the same places again": run_of([4, 4, 4, 4], varied=()),
        "all features vary": run_of([4, 4, 4, 4], varied=(0, 1, 2, 3)),
        "few splits": run_of([4, 4, 4, 4], n=24),
        "three features": run_of([4, 4, 4]),
    },
    skipped={"no trees": curves(valid=[0.5] * 30), "no splits": trees([leaf()] * 30)},
)


ALL = (0, 1, 2, 3)

test_a_feature_that_is_split_all_the_time = rule_test(
    IdentifierFeature(),
    fires={
        "twice as often as the next": (run_of([4, 2, 2, 2], varied=ALL, worth=1.0), {"lead": 2.0, "n_splits": 120}),
        "sixty splits": run_of([4, 2, 2, 2], n=15, varied=ALL, worth=1.0),
    },
    silent={
        "its splits gain little": run_of([4, 2, 2, 2], varied=ALL, worth=0.1),
        "the others are noise": run_of([4, 2, 2, 2], varied=ALL, worth=40.0),
        "not quite twice": run_of([9, 5, 5, 5], varied=ALL, worth=1.0),
        "under sixty splits": run_of([4, 2, 2, 2], n=14, varied=ALL, worth=1.0),
        "always at the same places": run_of([4, 2, 2, 2], varied=(1, 2, 3), worth=1.0),
        "the others have few values": run_of([4, 2, 2, 2], varied=(0,), worth=1.0),
    },
    skipped={"no trees": curves(valid=[0.5] * 30)},
)


def test_a_feature_that_leads_is_a_warning_whatever_validation_says():
    finding = found(run_of([4, 2, 2, 2], varied=ALL, worth=1.0), IdentifierFeature())[0]
    assert (finding.severity, finding.subject) == (Severity.WARNING, "id")
    assert "the time?" in finding.message


@pytest.mark.parametrize("train_it", [train_xgboost, train_lightgbm])
@pytest.mark.parametrize("at_random", [True, False])
def test_time_as_a_column_and_rows_split_at_random(train_it, at_random):
    rng = np.random.default_rng(0)
    time = np.arange(1200.0)
    features = np.column_stack([rng.normal(size=(1200, 5)), time])
    mood = np.repeat(rng.normal(size=60), 20)
    target = features[:, 0] + 2.0 * mood + 0.5 * rng.normal(size=1200)
    if not at_random:
        features[:, 5] = rng.normal(size=1200)  # the time is not among the columns
    rows = rng.permutation(1200)
    train, valid = (features[rows[:800]], target[rows[:800]]), (features[rows[800:]], target[rows[800:]])
    goal = "reg:squarederror" if train_it is train_xgboost else "regression"
    findings = found(train_it({"objective": goal, "max_depth": 4, "eta": 0.1}, train, valid, 60), IdentifierFeature())
    assert [f.subject for f in findings] == (["f5"] if at_random else [])


@pytest.mark.parametrize(
    ("valid", "stop", "severity"),
    [
        (turn(120, best=20, tau=6), 50, Severity.WARNING),
        (turn(120, best=20, tau=6), None, Severity.INFO),  # the rounds after the best one are why
        (fall(120), 50, Severity.INFO),
    ],
)
def test_a_warning_only_where_validation_suffers(valid, stop, severity):
    tree = split_on([4, 4, 4, 4])
    run = trees([tree(k) for k in range(120)], run=curves(valid=valid, early_stopping_rounds=stop), feature_names=NAMES)
    finding = found(run, IdentifierFeature())[0]
    assert (finding.severity, finding.subject) == (severity, "id")


def test_where_the_table_is_known_its_own_rule_tells_identifiers():
    for valid, expected in ((fall(120), []), (turn(120, best=20, tau=6), [Severity.WARNING])):
        run = curves(train=fall(120), valid=valid, early_stopping_rounds=50)
        run.add_stream(DataSets, DataSets(table(number("id")), {}, {}))
        run = trees([split_on([4, 4, 4, 4])(k) for k in range(120)], run=run, feature_names=NAMES)
        assert [f.severity for f in found(run, IdentifierFeature())] == expected


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    rng = np.random.default_rng(0)
    features = rng.integers(0, 6, size=(2000, 6)).astype(float)
    target = (features[:, :5].sum(axis=1) + rng.normal(size=2000) * 3 > 12).astype(float)
    if sick:
        features[:, 5] = rng.permutation(2000)
    train, valid = (features[:1000], target[:1000]), (features[1000:], target[1000:])
    params = {"objective": "binary:logistic", "max_depth": 5, "eta": 0.1}
    findings = found(train_xgboost(params, train, valid, 60, classes=False), IdentifierFeature())
    assert [f.subject for f in findings] == (["f5"] if sick else [])
