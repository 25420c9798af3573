import dataclasses

import numpy as np
import pytest
import xgboost as xgb

from tests.boosters import halves, noisy_classes, train_xgboost
from tests.curves_of import fall, found
from treedebug.core.findings import Severity
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.readers.xgboost import xgboost_reader as read_xgboost
from treedebug.rules.trees.repeated_trees import RepeatedTrees
from treedebug.testing import curves, grown, leaf, rule_test, split, tree_table, trees

SAME = split(0, leaf(0.1), leaf(-0.1))


def moving(n, *, every=1, shrink=1.0):
    """Trees whose threshold moves every so many rounds, whose leaves shrink."""
    return [split(0, leaf(0.1 * shrink**k), leaf(-0.1 * shrink**k), threshold=k // every) for k in range(n)]


PARALLEL = tree_table([[tree, tree, tree] for tree in moving(30)])
PARALLEL = dataclasses.replace(PARALLEL, class_index=0 * PARALLEL.class_index)

test_repeated_trees = rule_test(
    RepeatedTrees(),
    fires={
        "always the same": (trees([SAME] * 30), {"share": 1.0}),
        "two of three": (trees(moving(30, every=3)), {"n_repeated": 20}),
        "in every class": trees([[SAME, grown(2)]] * 30),
        "parallel trees": (trees(PARALLEL), {"n_repeated": 60}),
    },
    silent={
        "other thresholds": trees(moving(30)),
        "the same splits, smaller leaves": trees(moving(30, every=100, shrink=0.99)),
        "other features": trees([split(k % 2) for k in range(30)], n_features=2),
        "one of three": trees([split(0, threshold=2 * k // 3) for k in range(30)]),
        "root-only trees": trees([leaf()] * 30),
        "the classes alternate": trees([SAME, grown(2)] * 15),
    },
    skipped={"no trees": curves(valid=[0.5] * 30), "twenty rounds": trees([SAME] * 20)},
)


def test_nothing_left_to_learn_is_only_worth_knowing():
    assert found(trees([SAME] * 30, run=curves(valid=fall(30, floor=0.0, tau=5))), RepeatedTrees())[0].severity is (
        Severity.INFO
    )
    assert found(trees([SAME] * 30, run=curves(valid=fall(30))), RepeatedTrees())[0].severity is Severity.WARNING


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    train, valid = halves(*noisy_classes())
    run = train_xgboost({"objective": "binary:logistic", "eta": 0.1}, train, valid, 40, classes=False)
    if sick:
        ignores_predictions = lambda p, d: (0.5 - d.get_label(), np.full(len(p), 0.25))
        booster = xgb.train({"eta": 0.1, "nthread": 1}, xgb.DMatrix(*train), 40, obj=ignores_predictions)
        summary = TreeSummary(10)
        summary.extend(read_xgboost.read(bytes(booster.save_raw("ubj"))), 40)
        run.add_stream(TreeSummary, summary)
    assert bool(found(run, RepeatedTrees())) is sick
