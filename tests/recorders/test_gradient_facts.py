import numpy as np
import pytest

from treedebug.recorders.gradient_facts import GradientMeter

Y = np.array([0, 2, 1, 0])
RIGHT = 0.5 - np.eye(3)[Y]


@pytest.mark.parametrize(
    ("given", "read", "by_rows"),
    [(RIGHT, 1.0, 1.0), (RIGHT.ravel(order="F"), 1.0, None), (RIGHT.ravel(), None, 1.0)],
    ids=["a table", "class after class", "row by row"],
)
def test_whether_rows_are_drawn_to_their_own_class(given, read, by_rows):
    meter = GradientMeter(Y, 3)
    meter.hear(given, np.ones_like(given))
    assert read in (None, meter.facts["well_placed"])
    assert by_rows in (None, meter.facts["well_placed_by_rows"])
    assert meter.facts["two_labels"] == 0.0


def test_the_worst_of_the_first_rounds_is_kept():
    meter = GradientMeter([0, 1, 1], 1)
    for k in range(8):
        meter.hear(np.array([k, -1.0, np.nan if k == 1 else 0.0]), np.array([1.0, -1.0, 1.0]))
    facts = {"n_rounds": 5, "largest": 4.0, "least_hessian": 1.0, "n_not_finite": 1.0, "n_negative": 1.0}
    assert meter.facts == facts | {"two_labels": 1.0}


def test_labels_that_are_not_known_tell_nothing_of_places():
    meter = GradientMeter(None, 3)
    meter.hear(RIGHT, np.zeros(4))
    assert set(meter.facts) == {"n_rounds", "largest", "n_not_finite", "n_negative", "two_labels"}
