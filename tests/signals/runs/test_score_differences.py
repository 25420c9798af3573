"""Differences of runs with their intervals, and folds by candidate."""

import pytest

from tests.reports.html import pages_of
from treedebug.core.run.run_data import RunData
from treedebug.signals.runs.candidates import _far
from treedebug.signals.runs.run_pair import LossChange, RunPair
from treedebug.signals.runs.score_differences import score_differences


@pytest.fixture(scope="module")
def runs():
    good = pages_of.regression(n_rounds=60, row_margins=True)
    same = pages_of.record(
        pages_of.amounts, {"objective": "reg:squarederror", "max_depth": 4}, n_rounds=58, row_margins=True
    )
    poor = pages_of.record(
        pages_of.amounts, {"objective": "reg:squarederror", "max_depth": 1}, n_rounds=6, row_margins=True
    )
    return [r.data for r in (good, same, poor)]


def test_a_run_of_another_depth_is_worse_and_one_a_little_shorter_is_not(runs):
    none, same, poor = score_differences(runs, 0)
    assert none is None
    assert not same.is_better
    assert not same.is_worse
    assert same.low <= 0 <= same.high
    assert poor.is_worse
    assert poor.is_paired
    assert 0 < poor.low < poor.difference < poor.high
    assert poor.difference == pytest.approx(poor.value - poor.reference_value)
    (better, *_) = score_differences(runs, 2)
    assert better.is_better
    assert better.high < 0


def test_the_interval_is_the_noise_of_the_difference(runs):
    poor = score_differences(runs, 0)[2]
    change = LossChange.measure(RunPair(runs[2], runs[0]))
    assert poor.high - poor.low == pytest.approx(2 * 1.96 * change.noise)


def test_runs_that_cannot_be_compared_have_none(runs):
    assert score_differences([runs[0], RunData(), pages_of.binary(n_rounds=3).data], 0) == (None, None, None)


@pytest.mark.parametrize(
    ("values", "noise", "far"),
    [
        ([1.0, 1.1, 0.9, 1.0, 3.0], [0.05] * 5, [False] * 4 + [True]),
        ([1.0, 1.1, 0.9, 1.0, 1.2], [0.05] * 5, [False] * 5),
        ([1.0, 1.1, 0.9, 1.0, 3.0], [2.0] * 5, [False] * 5),
        ([1.0, 1.0, 9.0], [0.1] * 3, [False] * 3),
    ],
)
def test_a_fold_disagrees_beyond_its_own_noise_and_the_others_spread(values, noise, far):
    assert _far(values, noise) == far
