import numpy as np
import pytest

from tests.boosters import train_lightgbm, train_xgboost
from tests.curves_of import fall, found
from treedebug.core.findings import Severity
from treedebug.rules.trees.capped_leaves import CappedLeaves
from treedebug.testing import curves, ending, grown, leaf, rule_test, trees


def capped(depth=2, *, n=60, gains=(1.0,), gap=0.0, floor=0.4, ended=True, extra=(), **fields):
    run = curves(train=fall(n, floor=floor - gap * 0.3), valid=fall(n, floor=floor))
    fields = {"params": {"max_depth": 2}, **fields}
    return ending(trees([grown(depth, gains=gains)] * (n - len(extra)) + list(extra), run=run, **fields), ended=ended)


test_capped_leaves = rule_test(
    CappedLeaves(),
    fires={
        "all trees are full": (capped(), {"capped": 1.0, "cap": 4, "last_worth": 1.0}),
        "stumps": (capped(1, params={"max_depth": 1}), {"cap": 2}),
        "leaves": (capped(3, library="lightgbm", params={"num_leaves": 8, "max_depth": -1}), {"cap": 8}),
        "nine in ten": capped(extra=[grown(1)] * 6),
    },
    silent={
        "the last splits gain little": capped(gains=(10.0, 1.0)),
        "not full": capped(1),
        "eight in ten": capped(extra=[grown(1)] * 12),
        "training is ahead": capped(gap=0.2),
        "still training": capped(ended=False),
        "forty-nine rounds": capped(n=49),
        "no cap": capped(params={}),
    },
    skipped={
        "no trees": curves(train=[0.5] * 60, valid=[0.5] * 60), "no splits": trees([leaf()] * 60),
        "no training curve": trees([grown(2)] * 60, run=curves(valid=fall(60))),
    },
)  # fmt: skip


def test_a_warning_only_for_tiny_trees_with_loss_left():
    assert found(capped(), CappedLeaves())[0].severity is Severity.WARNING
    assert found(capped(floor=0.05), CappedLeaves())[0].severity is Severity.INFO
    assert found(capped(4, params={"max_depth": 4}), CappedLeaves())[0].severity is Severity.INFO


@pytest.mark.parametrize("train_it", [train_xgboost, train_lightgbm])
@pytest.mark.parametrize(("small", "rounds"), [(True, 100), (False, 60)])
def test_a_real_booster(train_it, small, rounds):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(4000, 3))
    target = features[:, 0] + 2 * features[:, 1] * features[:, 2] + 0.3 * rng.normal(size=4000)
    size = {"max_depth": 1 if small else 5} if train_it is train_xgboost else {"num_leaves": 2 if small else 31}
    params = {"objective": "reg:squarederror", "eta": 0.1} if train_it is train_xgboost else {"objective": "regression"}
    run = train_it(
        {**params, **size}, (features[:2000], target[:2000]), (features[2000:], target[2000:]), rounds, classes=False
    )
    assert [f.severity for f in found(run, CappedLeaves())] == ([Severity.WARNING] if small else [])
