"""Pictures of several runs."""

import numpy as np

from treedebug.core.run.run_labels import labels_of
from treedebug.pictures.compared_curves import compared_curves
from treedebug.pictures.importance_ranks import importance_ranks
from treedebug.pictures.parallel_coordinates import parallel_coordinates
from treedebug.pictures.pareto import front, pareto
from treedebug.testing import curves, grown, trees


def two():
    one = curves(train=[3.0, 2.0, 1.0], valid=[3.0, 2.5, 2.6], seconds=0.5, params={"max_depth": 3, "eta": 0.001})
    other = curves(train=[3.0, 2.0], valid=[3.0, 2.4], seconds=0.25, params={"max_depth": 6, "eta": 1.0})
    trees([grown(1, features=[0]), grown(1, features=[1])], run=one)
    trees([grown(3, features=[1])], run=other)
    return [one, other]


def test_curves_by_rounds_and_seconds():
    picture = compared_curves(two(), ["a", "b"])
    first, second = picture.curves
    assert (first.run, first.best_round, first.best_value, first.last_value) == ("a", 1, 2.5, 2.6)
    np.testing.assert_allclose(first.seconds, [0.5, 1.0, 1.5])
    np.testing.assert_array_equal(second.values, [3.0, 2.4])


def test_runs_of_another_metric_are_left_out():
    runs = [*two(), curves(train=[0.5, 0.6], valid=[0.5, 0.6], metric="auc")]
    picture = compared_curves(runs, ["a", "b", "c"])
    assert [c.run for c in picture.curves] == ["a", "b"]
    assert picture.n_left_out == 1


def test_ranks_and_what_a_run_does_not_use():
    picture = importance_ranks(two(), ["a", "b"])
    ranks = dict(zip(picture.features, picture.ranks.tolist(), strict=True))
    assert picture.features[0] == "f1"
    assert ranks["f1"][1] == 1.0
    assert np.isnan(ranks["f0"][1])


def test_the_front_holds_what_none_beats():
    assert front(np.array([1.0, 2.0, 1.5, 3.0]), np.array([5.0, 1.0, 5.0, np.nan])) == (True, True, False, False)
    picture = pareto(two(), ["a", "b"])
    assert picture.values.tolist() == [2.5, 2.4]
    assert picture.seconds.tolist() == [1.5, 0.5]
    assert picture.on_front_of_seconds == (False, True)
    assert picture.leaves.tolist() == [4.0, 8.0]
    assert picture.on_front_of_leaves == (True, True)


def test_axes_are_the_parameters_that_differ_and_the_metric():
    picture = parallel_coordinates(two(), ["a", "b"])
    assert [a.axis for a in picture.axes] == ["max_depth", "eta", "logloss"]
    eta = picture.axes[1]
    assert (eta.values, eta.position.tolist(), eta.is_logarithmic) == ((0.001, 1.0), [0.0, 1.0], True)
    same = [curves(valid=[1.0, 0.5], train=[1.0, 0.5], params={"x": 1}) for _ in range(2)]
    assert parallel_coordinates(same, ["a", "b"]).reason == "the runs have the same parameters"


def test_labels_come_from_the_paths():
    assert labels_of(two()) == ("run 1", "run 2")
