import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.rules.trees.unreachable_depth import UnreachableDepth
from treedebug.testing import curves, grown, leaf, rule_test, trees

ROWS = {"train": {"n_rows": 100, "is_training": True}}


def small(depth=3, *, n=20, hessian=1.0, **params):
    return trees([grown(depth, hessian=hessian)] * n, params=params, data=ROWS)


def leafwise(depth=3, **params):
    return trees([grown(depth)] * 20, library="lightgbm", params=params, data=ROWS)


test_unreachable_depth = rule_test(
    UnreachableDepth(),
    fires={
        "hessian": (small(max_depth=10, min_child_weight=2.0), {"reached": 3, "blocker": "min_child_weight"}),
        "gain": (small(max_depth=10, gamma=5.0), {"blocker": "gamma"}),
        "rows": (leafwise(num_leaves=127, min_child_samples=10), {"reached": 8, "blocker": "min_data_in_leaf"}),
        "depth bounds the leaves": (leafwise(2, num_leaves=255, max_depth=5, min_child_samples=20), {"limit": 32}),
    },
    silent={
        "at the limit": small(max_depth=3, gamma=5.0),
        "close to it": small(max_depth=4, gamma=5.0),
        "nothing forbids it": small(max_depth=10, min_child_weight=1.0),
        "light leaves are allowed": small(max_depth=10, hessian=1e6, min_child_weight=2.0),
        "three levels of five": leafwise(num_leaves=31, min_child_samples=20),
        "a small limit": small(1, max_depth=3, gamma=5.0),
        "nineteen rounds": small(n=19, max_depth=10, gamma=5.0),
        "no limit": small(gamma=5.0),
        "no splits at all": trees([leaf()] * 20, params={"max_depth": 10, "gamma": 5.0}),
    },
    skipped={"no trees": curves(valid=[0.5] * 20)},
)


@pytest.mark.parametrize(("weight", "expected"), [(12.0, True), (1.0, False)])
def test_a_real_xgboost(weight, expected):
    train, valid = halves(*noisy_classes())
    params = {"objective": "binary:logistic", "max_depth": 12, "min_child_weight": weight}
    findings = found(train_xgboost(params, train, valid, 20, classes=False), UnreachableDepth())
    assert bool(findings) is expected


@pytest.mark.parametrize(("rows", "expected"), [(100, True), (5, False)])
def test_a_real_lightgbm(rows, expected):
    train, valid = halves(*noisy_classes())
    params = {"objective": "binary", "min_data_in_leaf": rows}
    findings = found(train_lightgbm(params, train, valid, 20, classes=False), UnreachableDepth())
    assert bool(findings) is expected
