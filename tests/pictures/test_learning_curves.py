"""Learning curves: real points of the curves, the best round, the rounds after it, the learning rate."""

import numpy as np
import pytest

from tests.pictures.real_runs import binary
from treedebug.core.run.run_data import RunData
from treedebug.pictures.learning_curves import MOST_CURVES, learning_curves
from treedebug.pictures.picture import NoPicture
from treedebug.pictures.thinning import MOST_POINTS, round_bins, thinned
from treedebug.testing import curves


def test_values_are_those_of_the_run():
    run, *_ = binary()
    picture = learning_curves(run)
    frame = run.metrics
    for curve in picture.curves:
        own = frame[(frame["dataset"] == curve.dataset) & (frame["metric"] == curve.metric)].set_index("round_index")
        np.testing.assert_array_equal(curve.values, own["value"].loc[curve.rounds].to_numpy())
    valid = frame[frame["dataset"] == "valid"].set_index("round_index")["value"]
    assert picture.best_round == valid.idxmin()
    assert picture.best_value == valid.min()
    assert picture.wasted == (picture.best_round + 1, 59)
    assert picture.band[0] < picture.best_value < picture.band[1]
    assert picture.curves[picture.deciding].dataset == "valid"


def test_a_long_curve_keeps_its_extremes():
    values = np.sin(np.arange(10_000) / 500.0)
    values[4321], values[77] = -5.0, 7.0
    picture = learning_curves(curves(train=values, valid=values + 1.0))
    for curve in picture.curves:
        assert len(curve.rounds) <= MOST_POINTS + 3
        assert {0, 77, 4321, 9999} <= set(curve.rounds.tolist())
        assert curve.n_values == 10_000


def test_no_wasted_rounds_where_the_last_is_the_best():
    assert learning_curves(curves(train=[3.0, 2.0, 1.0], valid=[3.0, 2.5, 2.0])).wasted is None


def test_training_data_alone_decides_nothing():
    picture = learning_curves(curves(train=[3.0, 2.0, 1.0]))
    assert (picture.deciding, picture.best_round, picture.band) == (None, None, None)
    assert picture.curves[0].best_round == 2


def test_numbers_that_are_none_are_left_out_and_counted():
    (curve,) = learning_curves(curves(valid=[1.0, np.nan, np.inf, 0.5])).curves
    assert curve.rounds.tolist() == [0, 3]
    assert curve.n_not_finite == 2


def test_the_learning_rate_stands_where_it_changes():
    run = curves(valid=np.ones(6))
    log = RunData().rounds
    for k, rate in enumerate([0.3, 0.3, 0.1, 0.1, 0.1, 0.05]):
        log.append(k, learning_rate=rate, seconds=0.1, iterations=k + 1)
    run.rounds = log
    picture = learning_curves(run)
    assert picture.learning_rate_rounds.tolist() == [0, 2, 5]
    assert picture.learning_rates.tolist() == [0.3, 0.1, 0.05]


def test_more_curves_than_fit_keep_the_deciding_one():
    run = curves(train=[1.0, 0.5], valid=[1.0, 0.7])
    for k in range(30):
        run.evals.append(0, f"more {k}", "logloss", 1.0)
        run.evals.append(1, f"more {k}", "logloss", 0.9)
    picture = learning_curves(run)
    assert len(picture.curves) == MOST_CURVES
    assert picture.n_left_out == 20
    assert picture.curves[picture.deciding].dataset == "more 29"


def test_a_run_without_metrics_says_what_to_do():
    found = learning_curves(RunData())
    assert isinstance(found, NoPicture)
    assert "evals=" in found.reason


def test_a_growing_run_is_drawn_anew():
    run = curves(valid=[1.0, 0.5], ended=False)
    first = learning_curves(run)
    assert learning_curves(run) is first
    run.evals.append(2, "valid", "logloss", 0.4)
    run.rounds.append(2, learning_rate=0.1, seconds=0.1, iterations=3)
    assert learning_curves(run).best_round == 2


@pytest.mark.parametrize(("n", "most"), [(0, 10), (1, 10), (10, 10), (11, 10), (1000, 7)])
def test_thinning_is_bounded_and_in_order(n, most):
    at = thinned(np.random.default_rng(0).normal(size=n), most=most)
    assert len(at) <= max(most + 3, 3) if n > most else len(at) == n
    assert (np.diff(at) > 0).all()


@pytest.mark.parametrize(("n", "start"), [(1, 0), (200, 0), (201, 0), (10_000, 37)])
def test_bins_cover_every_round_once(n, start):
    edges = round_bins(n, start=start)
    assert (edges[0], edges[-1]) == (start, n)
    assert len(edges) <= 202
    assert (np.diff(edges) > 0).all()
