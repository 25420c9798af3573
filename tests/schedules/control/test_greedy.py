"""GreedyLR: the known right values, and each fault of the published ones."""

import math
import warnings

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from treedebug.core.errors import ConfigError
from treedebug.schedules import GreedyLR

NAN = float("nan")


def seen(schedule, values):
    return [schedule.observe(v) for v in values]


@pytest.mark.parametrize(
    ("patience", "warmup", "n"), [(2, 0, 12), (0, 0, 5), (0, 3, 20), (2, 1, 17), (5, 4, 5), (5, 4, 40)]
)
def test_rises_come_as_often_as_counted(patience, warmup, n):
    schedule = GreedyLR(0.1, factor=0.5, patience=patience, warmup=warmup, max_lr=1e9)
    rate = seen(schedule, [float(-i) for i in range(n)])[-1]
    n_up = (n - (patience + 1)) // (patience + 1 + warmup) + 1 if n >= patience + 1 else 0
    assert rate == 0.1 * 2**n_up
    assert len(schedule.history) == n_up


def test_twelve_improvements_are_four_rises():
    assert seen(GreedyLR(0.1, factor=0.5, patience=2, max_lr=10), [float(-i) for i in range(12)])[-1] == 1.6


def test_a_constant_loss_is_cut_at_4_7_and_10():
    schedule = GreedyLR(0.1, factor=0.5, patience=2, min_lr=0.001)
    assert seen(schedule, [1.0] * 12)[-1] == 0.0125
    assert [change.t for change in schedule.history] == [4, 7, 10]
    assert schedule.history[0] == (4, 0.05, "cut: no improvement in 3 observations", 1.0, 1.0)


def test_a_cooldown_puts_off_the_next_cut():
    schedule = GreedyLR(0.1, factor=0.5, patience=2, cooldown=2, min_lr=1e-9)
    seen(schedule, [1.0] * 15)
    assert [change.t for change in schedule.history] == [4, 9, 14]


def test_continuing_goes_on_cutting_and_rising():
    schedule = GreedyLR(1.0, factor=0.5, patience=1, cooldown=2, warmup=2, extend="continue", min_lr=1e-9, max_lr=1e9)
    assert seen(schedule, [1.0, 1.0, 1.0, 0.5, 0.4]) == [1.0, 1.0, 0.5, 0.25, 0.125]
    schedule = GreedyLR(1.0, factor=0.5, patience=0, warmup=2, extend="continue", max_lr=1e9)
    assert seen(schedule, [1.0, 2.0, 3.0, 4.0]) == [2.0, 4.0, 8.0, 4.0]


# -- the faults of the one in transformers -----------------------------------------------------------------------------


def test_a_low_rate_falls_on_worse_values_and_stays_within_ten_times_on_better_ones():
    assert seen(GreedyLR(5e-5), [float(i) for i in range(1000)])[-1] == 5e-6
    assert seen(GreedyLR(5e-5), [float(-i) for i in range(1000)])[-1] == 5e-4


def test_a_floor_above_the_rate_is_refused():
    with pytest.raises(ConfigError, match="one way only"):
        GreedyLR(5e-5, min_lr=1e-3, max_lr=1.0)


def test_one_nan_does_not_last():
    schedule = GreedyLR(0.1, window=5, patience=3)
    rates = seen(schedule, [NAN, *(1.0 - 0.001 * i for i in range(200))])
    assert rates[-1] == 1.0
    assert all(map(math.isfinite, rates))


def test_values_that_are_not_finite_count_as_failures():
    schedule = GreedyLR(0.1, factor=0.5, patience=1)
    assert seen(schedule, [1.0, NAN, 0.9, 0.8, 0.7]) == [0.1, 0.1, 0.1, 0.2, 0.2]
    assert schedule.best == 0.7
    assert seen(GreedyLR(0.1, factor=0.5, patience=1), [1.0, math.inf, NAN, 2.0]) == [0.1, 0.1, 0.05, 0.05]


def test_reset_counts_observations_on_the_floor():
    schedule = GreedyLR(1.0, factor=0.5, patience=0, min_lr=0.5, reset_after=5)
    assert seen(schedule, [1.0] * 6) == [2.0, 1.0, 0.5, 0.5, 0.5, 0.5]
    assert seen(schedule, [1.0]) == [1.0]
    assert schedule.best is None
    assert "began anew after 5 observations" in schedule.history[-1].why


def test_no_change_is_too_small():
    assert seen(GreedyLR(1e-7, patience=0), [float(i) for i in range(50)])[-1] == 1e-8


def test_a_constant_negative_loss_is_no_improvement():
    assert seen(GreedyLR(0.1, patience=0), [-1.0] * 100)[-1] == 0.01


def test_a_metric_to_be_raised():
    values = [0.5 + 0.01 * i for i in range(20)]
    assert seen(GreedyLR(0.1, mode="max"), values)[-1] > 0.1
    assert seen(GreedyLR(0.1, mode="min"), values)[-1] < 0.1
    auto = GreedyLR(0.1)
    auto.direct(higher_is_better=True)
    assert seen(auto, values) == seen(GreedyLR(0.1, mode="max"), values)
    fixed = GreedyLR(0.1, mode="min")
    fixed.direct(higher_is_better=True)
    assert seen(fixed, values)[-1] < 0.1


def test_too_few_observations_are_warned_of():
    with pytest.warns(UserWarning, match="needs|waits for 11 observations"):
        GreedyLR(0.1, patience=10).plan(10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        GreedyLR(0.1, patience=10).plan(11)


def test_a_small_factor_is_warned_of():
    with pytest.warns(UserWarning, match="diverged"):
        GreedyLR(0.1, factor=0.25)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        GreedyLR(0.1, factor=0.25, max_lr=0.1)


# -- references --------------------------------------------------------------------------------------------------------


def test_references_differ():
    values = [5.0, 1.0, 4.0, 3.0, 2.0, 1.5]
    best = GreedyLR(1.0, factor=0.5, patience=0, min_lr=1e-9, max_lr=1e9)
    previous = GreedyLR(1.0, factor=0.5, patience=0, min_lr=1e-9, max_lr=1e9, reference="previous")
    window = GreedyLR(1.0, factor=0.5, patience=0, min_lr=1e-9, max_lr=1e9, reference="window", window=3)
    assert seen(best, values) == [2.0, 4.0, 2.0, 1.0, 0.5, 0.25]
    assert seen(previous, values) == [2.0, 4.0, 2.0, 4.0, 8.0, 16.0]
    assert seen(window, values) == [2.0, 4.0, 2.0, 4.0, 8.0, 16.0]  # against inf, 5, 3, 10/3, 8/3, 3


def test_a_window_smooths():
    values = [1.0, 3.0, 1.0, 3.0] * 10
    rough = GreedyLR(1.0, factor=0.5, patience=0, reference="previous", min_lr=1e-9, max_lr=1e9)
    seen(rough, values)
    smooth = GreedyLR(1.0, factor=0.5, patience=1, window=4, reference="previous", min_lr=1e-9, max_lr=1e9)
    seen(smooth, values)
    assert len(rough.history) == 40
    assert len(smooth.history) < 25


# -- properties --------------------------------------------------------------------------------------------------------

VALUES = st.lists(st.floats(-1e6, 1e6) | st.just(NAN) | st.just(math.inf), max_size=60)
OPTIONS = st.fixed_dictionaries(
    {
        "factor": st.floats(0.5, 0.99),
        "patience": st.integers(0, 4),
        "window": st.integers(1, 4),
        "threshold": st.sampled_from([0.0, 1e-4, 0.1]),
        "threshold_mode": st.sampled_from(["rel", "abs"]),
        "warmup": st.integers(0, 3),
        "cooldown": st.integers(0, 3),
        "mode": st.sampled_from(["min", "max"]),
        "extend": st.sampled_from(["wait", "continue"]),
        "reference": st.sampled_from(["best", "previous", "window"]),
        "reset_after": st.none() | st.integers(1, 5),
    }
)


@settings(deadline=None)
@given(options=OPTIONS, values=VALUES, rate=st.floats(1e-9, 10))
def test_rates_stay_within_their_bounds(options, values, rate):
    schedule = GreedyLR(rate, **options)
    assert all(rate / 10 <= found <= rate * 10 for found in seen(schedule, values))
    told = [schedule.rate(t) for t in range(len(values) + 1)]
    again = GreedyLR(rate, **options)
    assert told == [rate, *seen(again, values)]


@settings(deadline=None)
@given(options=OPTIONS, values=VALUES, k=st.sampled_from([0.125, 0.5, 2.0, 1024.0]))
def test_units_do_not_matter(options, values, k):
    options["threshold_mode"] = "rel"
    one = seen(GreedyLR(0.1, **options), values)
    assert seen(GreedyLR(0.1, **options), [v * k for v in values]) == one
    assert seen(GreedyLR(0.1 * k, **options), values) == pytest.approx([r * k for r in one])


@pytest.mark.parametrize(
    "wrong",
    [
        {"factor": 1.0},
        {"factor": 0.0},
        {"patience": -1},
        {"patience": 1.5},
        {"window": 0},
        {"threshold": -1.0},
        {"threshold_mode": "relative"},
        {"mode": "down"},
        {"extend": "both"},
        {"reference": "mean"},
        {"reset_after": 0},
        {"min_lr": 0.2},
        {"max_lr": 0.05},
        {"min_lr": NAN},
        {"initial": 0.0},
        {"initial": [0.1]},
    ],
)
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(ConfigError):
        GreedyLR(wrong.pop("initial", 0.1), **wrong)


def test_a_metric_is_needed():
    with pytest.raises(ConfigError, match="needs its value"):
        GreedyLR(0.1).observe()
