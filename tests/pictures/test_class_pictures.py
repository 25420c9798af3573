"""Class curves and confusion matrices are those of the class balance."""

import numpy as np

from tests.pictures.real_runs import binary, digits
from treedebug.core.run.run_data import RunData
from treedebug.pictures.class_curves import class_curves
from treedebug.pictures.confusion import MOST_CLASSES, OTHERS, confusion
from treedebug.pictures.picture import NoPicture
from treedebug.testing import classes


def test_curves_are_those_of_the_frame():
    run = digits()[0]
    shown = class_curves(run).datasets[0]
    frame = run.classes[run.classes["dataset"] == "valid"]
    assert shown.dataset == "valid"
    for column in ("recall", "precision", "predicted_share"):
        own = frame.pivot_table(index="round_index", columns="class", values=column)
        np.testing.assert_allclose(getattr(shown, column), own[list(shown.classes)].to_numpy())
    recall = shown.recall[-1]
    assert (np.diff(recall) >= 0).all()


def test_the_matrix_is_the_last_one():
    run = binary()[0]
    picture = confusion(run)
    last, best = picture.matrices[0], picture.matrices[1]
    assert (last.dataset, last.role, last.round_index) == ("valid", "last", 59)
    np.testing.assert_array_equal(last.counts, run.data.classes.last("valid").confusion)
    assert best.role == "best"
    assert last.accuracy == np.trace(last.counts) / last.counts.sum()


def test_scores_are_those_of_the_field():
    picture = confusion(classes([[[8, 2], [1, 9]]])).matrices[0]
    np.testing.assert_allclose(picture.recall, [0.8, 0.9])
    np.testing.assert_allclose(picture.precision, [8 / 9, 9 / 11])
    np.testing.assert_allclose(picture.f1, [16 / 19, 18 / 21])


def test_a_hundred_classes_are_merged_and_no_row_is_lost():
    rng = np.random.default_rng(0)
    counts = np.diag(rng.integers(20, 40, 100))
    counts[3, 4], counts[77, 12] = 30, 25
    picture = confusion(classes([counts]))
    shown = picture.matrices[0]
    assert len(shown.classes) == MOST_CLASSES
    assert shown.classes[-1] == OTHERS
    assert {3, 4, 77, 12} <= set(shown.classes)
    assert shown.counts.sum() == counts.sum()
    assert shown.accuracy == np.trace(counts) / counts.sum()
    assert picture.n_classes == 100


def test_no_classes_no_picture():
    assert isinstance(confusion(RunData()), NoPicture)
    assert isinstance(class_curves(RunData()), NoPicture)
