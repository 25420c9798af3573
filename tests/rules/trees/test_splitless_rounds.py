import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.rules.trees.splitless_rounds import SplitlessRounds
from treedebug.testing import curves, grown, leaf, rule_test, trees

test_splitless_rounds = rule_test(
    SplitlessRounds(),
    fires={
        "root-only trees": (
            trees([*[grown(2)] * 10, *[leaf(hessian=4.0)] * 10]), {"n_splitless": 10, "first_round": 10},
        ),
        "no trees at all": (trees([[]] * 10, n_features=2), {"share": 1.0}),
        "lightgbm adds none": (trees([*[grown(2)] * 10, *[[]] * 10], library="lightgbm"), {"first_round": 10}),
        "all classes": trees([*[[grown(2), grown(1)]] * 10, *[[leaf(), leaf()]] * 10]),
        "continued training": (trees([*[grown(2)] * 5, *[leaf()] * 5], start_round=40), {"first_round": 45}),
    },
    silent={
        "every round splits": trees([grown(2)] * 20),
        "one class of two has no split": trees([[grown(2), leaf()]] * 20),
        "four rounds": trees([*[grown(2)] * 10, *[leaf()] * 4]),
        "one round in thirty": trees(([grown(2)] * 29 + [leaf()]) * 6),
    },
    skipped={"no trees recorded": curves(valid=[0.5] * 20)},
)  # fmt: skip


def blamed(**fields):
    run = trees([leaf(hessian=100.0)] * 20, n_features=2, **fields)
    return found(run, SplitlessRounds())[0].try_next[0]


def test_the_parameter_that_forbids_the_splits_is_named():
    assert str(blamed(params={"min_child_weight": 60})) == "min_child_weight=1"
    assert str(blamed(params={"min_child_weight": 1, "gamma": 9.0})) == "gamma=0"
    rows = {"train": {"n_rows": 100, "is_training": True}}
    given = {"library": "lightgbm", "params": {"min_child_samples": 60}, "data": rows}
    assert str(blamed(**given)) == "min_data_in_leaf=20"
    assert str(blamed(**given, params_given={"min_child_samples": 60})) == "min_child_samples=20"


def test_certain_predictions_are_only_worth_knowing():
    run = trees([*[grown(2, hessian=100.0)] * 10, *[leaf(hessian=0.5)] * 10])
    finding = found(run, SplitlessRounds())[0]
    assert finding.severity is Severity.INFO
    assert str(finding.try_next[0]) == "num_boost_round=10"


def test_a_training_loss_that_is_gone_is_only_worth_knowing():
    shapes = [*[grown(2, hessian=100.0)] * 10, *[leaf(hessian=100.0)] * 10]
    for left, severity in ((0.001, Severity.INFO), (0.3, Severity.WARNING)):
        falls = [1.0 - (1.0 - left) * min(i, 9) / 9 for i in range(20)]
        finding = found(trees(shapes, run=curves(metric="rmse", train=falls, valid=[0.9] * 20)), SplitlessRounds())[0]
        assert finding.severity is severity
        assert ("fitted perfectly" in finding.message) == (severity is Severity.INFO)


@pytest.mark.parametrize(("name", "value"), [("min_child_weight", 1e6), ("gamma", 1e6)])
def test_a_real_xgboost(name, value):
    train, valid = halves(*noisy_classes())
    sick = train_xgboost({"objective": "binary:logistic", name: value}, train, valid, 20, classes=False)
    assert found(sick, SplitlessRounds())[0].try_next[0].parameter == name
    healthy = train_xgboost({"objective": "binary:logistic"}, train, valid, 20, classes=False)
    assert not found(healthy, SplitlessRounds())


@pytest.mark.parametrize(("name", "value"), [("min_data_in_leaf", 5000), ("min_gain_to_split", 1e6)])
def test_a_real_lightgbm(name, value):
    train, valid = halves(*noisy_classes())
    sick = train_lightgbm({"objective": "binary", name: value}, train, valid, 20, classes=False)
    assert found(sick, SplitlessRounds())[0].try_next[0].parameter == name
    healthy = train_lightgbm({"objective": "binary"}, train, valid, 20, classes=False)
    assert not found(healthy, SplitlessRounds())
