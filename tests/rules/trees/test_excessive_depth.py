import pytest

from tests.boosters import halves, noisy_classes, train_xgboost
from tests.curves_of import fall, found, turn
from treedebug.core.changes import EXPERIMENT
from treedebug.core.findings import Severity
from treedebug.engine.evaluate import evaluate
from treedebug.rules.trees.excessive_depth import ExcessiveDepth
from treedebug.rules.trees.thin_leaves import ThinLeaves
from treedebug.testing import curves, grown, leaf, rule_test, split, trees

STEEP = (100.0, 50.0, 20.0, 0.01)
"""Gain of each split by depth: nothing below the third level."""


def chain(depth, gain=1.0):
    """A leaf-wise tree: one split on each level."""
    return leaf() if depth == 0 else split(0, leaf(), chain(depth - 1, gain), gain=gain)


test_excessive_depth = rule_test(
    ExcessiveDepth(),
    fires={
        "five levels for nothing": (trees([grown(8, gains=STEEP)] * 50), {"max_depth": 8}),
        "lightgbm": trees([grown(8, gains=STEEP)] * 50, library="lightgbm", params={"num_leaves": 255}),
        "the first rounds did not need it either": trees([*[grown(3)] * 5, *[grown(8, gains=STEEP)] * 55]),
    },
    silent={
        "a forest": trees([grown(8, gains=STEEP)] * 50, library="lightgbm", params={"boosting_type": "rf"}),
        "deep levels gain like the others": trees([grown(6)] * 50),
        "three levels for nothing": trees([grown(6, gains=STEEP)] * 50),
        "a chain whose splits all gain": trees([chain(12)] * 50),
        "forty-nine rounds": trees([grown(8, gains=STEEP)] * 49),
    },
    skipped={"no trees": curves(valid=[0.5] * 50), "no splits": trees([leaf()] * 50)},
)


def crowded(depth, n_rows=512, n=50, **fields):
    return trees([grown(depth)] * n, data={"train": {"n_rows": n_rows, "is_training": True}}, **fields)


test_more_leaves_than_the_rows_can_fill = rule_test(
    ExcessiveDepth(),
    fires={
        "sixteen rows a leaf": (crowded(5), {"n_leaves": 32.0, "n_rows": 512}),
        "four rows a leaf, in LightGBM": crowded(7, library="lightgbm", params={"num_leaves": 127}),
    },
    silent={
        "seventeen rows a leaf": crowded(5, 544),
        "a small tree on a small table": crowded(4, 100),
        "rows unknown": trees([grown(6)] * 50),
        "forty-nine rounds": crowded(6, n=49),
    },
    skipped={"no trees": curves(valid=[0.5] * 50)},
)


def test_the_depth_that_fits_the_rows():
    finding = found(crowded(7, 1000, library="lightgbm", params={"num_leaves": 127}), ExcessiveDepth())[0]
    assert [c.kind for c in finding.try_next] == [EXPERIMENT]  # smaller, not better
    assert str(finding.try_next[0]).startswith("max_depth=4 and num_leaves=16 makes the model smaller")
    assert "the median tree has 128 leaves for 1000 rows" in finding.message


@pytest.mark.parametrize(("weight", "cause"), [(0.1, "TR206"), (1.0, "TR201")])
def test_thin_leaves_are_a_symptom_unless_their_bound_was_loosened(weight, cause):
    run = crowded(6, n_rows=200, params={"min_child_weight": weight})
    findings = evaluate(run.at(run.n_rounds, final=True), [ExcessiveDepth(), ThinLeaves()]).findings
    assert next((f.code, bool(f.explains)) for f in findings) == (cause, True)
    assert len(findings) == 2


test_a_limit = rule_test(
    ExcessiveDepth(max_depth_allowed=5),
    fires={"one level over": (trees([grown(6)] * 50), {"max_depth": 6})},
    silent={"at the limit": trees([grown(5)] * 50)},
    skipped={"no trees": curves(valid=[0.5] * 50)},
)


def test_a_warning_only_where_validation_suffers():
    run = trees([grown(8, gains=STEEP)] * 100, run=curves(valid=turn(100, best=20, tau=4)))
    assert found(run, ExcessiveDepth())[0].severity is Severity.WARNING
    run = trees([grown(8, gains=STEEP)] * 100, run=curves(valid=fall(100)))
    assert found(run, ExcessiveDepth())[0].severity is Severity.INFO


@pytest.mark.parametrize(("depth", "rounds", "expected"), [(12, 150, True), (4, 40, False)])
def test_a_real_booster(depth, rounds, expected):
    train, valid = halves(*noisy_classes(1600, noise=0.6))
    params = {"objective": "binary:logistic", "max_depth": depth, "eta": 0.3, "min_child_weight": 0.1}
    findings = found(train_xgboost(params, train, valid, rounds, classes=False), ExcessiveDepth())
    assert bool(findings) is expected
    if findings:
        assert findings[0].try_next[0].parameter == "eta"
        assert str(findings[0].try_next[-1]).startswith("max_depth=")
        assert findings[0].try_next[0].value < depth
