"""What is known of data from the header, and from the class balance where the header says nothing."""

import math

import numpy as np
import pytest

from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Resolver
from treedebug.signals.curves.described_header import Described
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.metric_facts import constant_score
from treedebug.testing import classes, curves, labels

SMALL, LARGE = np.diag([1, 3]), np.diag([30, 10])


def described(run, n_rounds=None):
    return Resolver(run.at(run.n_rounds if n_rounds is None else n_rounds)).get(Described).header


def test_a_header_that_tells_all_is_left_alone():
    run = classes([SMALL], run=curves(data=labels([5, 5], dataset="valid")))
    assert described(run) is run.header


def test_the_latest_evaluation_counts_and_training_batches_add_up():
    run = classes([SMALL, LARGE], dataset="train", run=classes([SMALL, LARGE]))
    data = described(run).data
    assert data["valid"] == {"label": {"kind": "classes", "counts": [30, 10]}, "is_training": False, "n_rows": 40}
    assert data["train"] == {"label": {"kind": "classes", "counts": [31, 13]}, "is_training": True}
    assert run.header.data == {}


def test_only_what_was_counted_by_then_is_known():
    run = classes([SMALL, LARGE])
    assert described(run, 1).data["valid"]["n_rows"] == 4
    assert described(run, 0).data == {}


def test_facts_of_the_header_stand():
    run = classes([SMALL], run=curves(data={"valid": {"n_rows": 400}}))
    assert described(run).data["valid"]["n_rows"] == 400


def test_training_labels_stand_in_for_unknown_ones():
    header = Header(n_classes=2, data=labels([75, 25]), extra={"metrics": {"loss": "mlogloss"}})
    assert constant_score(header, "valid", "loss") is None
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    for first, expected in ((0.5, entropy), (0.9, 0.9)):  # other shares may make a guess dearer: never below the first
        run = curves(valid=[first, 0.4], metric="loss", n_classes=2, extra=header.extra, data=header.data)
        assert Resolver(run.at(2)).get(EvalLoss).baseline == pytest.approx(expected)


@pytest.mark.parametrize(("extra", "perfect"), [({"metrics": {"loss": "mlogloss"}}, 0.0), ({}, None)])
def test_a_loss_by_its_usual_name(extra, perfect):
    run = curves(train=[0.6, 0.5], valid=[0.6, 0.5], metric="loss", n_classes=2, extra=extra, data=labels([50, 50]))
    loss = Resolver(run.at(2)).get(EvalLoss)
    assert loss.perfect == perfect
    assert loss.baseline == (None if perfect is None else pytest.approx(math.log(2)))
