import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from treedebug.engine.resolve import Missing, Resolver
from treedebug.signals.classes.class_balance import LabelBalance, Predictions
from treedebug.signals.classes.confused_pairs import both_ways, separation
from treedebug.testing import classes, curves, labels


def measured(kind, run):
    return Resolver(run.at(run.n_rounds, final=True)).get(kind)


@given(arrays(np.int64, (3, 3), elements=st.integers(0, 50)))
def test_confusion_against_slow_twins(matrix):
    for a in range(3):
        for b in range(3):
            hits = [
                matrix[c, c] / (matrix[c, c] + matrix[c, d]) if matrix[c, c] + matrix[c, d] else 0.0
                for c, d in ((a, b), (b, a))
            ]
            assert separation(matrix)[a, b] == pytest.approx(sum(hits) - 1)
            shares = [matrix[c, d] / max(matrix[c].sum(), 1) for c, d in ((a, b), (b, a))]
            assert both_ways(matrix)[a, b] == pytest.approx(min(shares))


def test_label_balance_of_a_header():
    balance = measured(LabelBalance, curves(train=[1], data=labels([90, 0, 10], weighted=[10, 0, 10])))
    assert balance.share.tolist() == [0.9, 0, 0.1]
    assert balance.ratio == 9
    assert balance.weighted_ratio == 1


def test_label_balance_of_class_records():
    assert measured(LabelBalance, classes([[[6, 0], [1, 1]]], dataset="train")).counts.tolist() == [6, 2]


def test_validation_data_is_asked_first():
    run = classes([np.eye(2)] * 3, dataset="train", run=classes([np.eye(2) * 5] * 3))
    seen = measured(Predictions, run)
    assert (seen.dataset, seen.is_training, seen.last.n_rows, len(seen.recent(2))) == ("valid", False, 10, 2)


@pytest.mark.parametrize("kind", [LabelBalance, Predictions])
def test_what_is_missing_is_said(kind):
    with pytest.raises(Missing, match="not classes"):
        measured(kind, curves(valid=[1.0]))
    with pytest.raises(Missing, match="recorded"):
        measured(kind, curves(valid=[1.0], n_classes=2))
