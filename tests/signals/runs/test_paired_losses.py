import numpy as np
import pytest
from scipy import stats

from treedebug.core.run.margin_log import MarginLog
from treedebug.signals.runs.paired_losses import paired_error
from treedebug.testing import header, labels, margins

RNG = np.random.default_rng(0)
SCORES = RNG.normal(size=(2, 200)) + 0.5
CLASSES = {"metric": "logloss", "best": (24, 24)}


def pair(then=SCORES[0], now=SCORES[1], *, n_classes=2):
    runs = tuple(margins(valid=v) for v in (then, now))
    for run in runs:
        run.header.n_classes = n_classes
    return runs


@pytest.mark.parametrize(
    ("metric", "loss"),
    [("logloss", lambda m: np.log1p(np.exp(-m))), ("binary_logloss", lambda m: np.log1p(np.exp(-m))),
     ("error", lambda m: (m < 0).astype(float))],
)  # fmt: skip
def test_it_is_the_error_of_the_paired_t_test(metric, loss):
    error = paired_error(pair(), dataset="valid", metric=metric, best=(24, 24))
    then, now = (loss(v) for v in SCORES)
    expected = stats.ttest_rel(now, then)
    assert (now - then).mean() / error == pytest.approx(expected.statistic, rel=1e-5)


def test_amounts_and_their_roots():
    runs = pair(-np.abs(SCORES[0]), -np.abs(SCORES[1]), n_classes=0)
    for metric, power in (("l2", 2), ("l1", 1)):
        error = paired_error(runs, dataset="valid", metric=metric, best=(24, 24))
        then, now = (np.abs(v) ** power for v in SCORES)
        assert error == pytest.approx(stats.sem(now - then), rel=1e-5)
    # The root: the scatter over samples drawn anew from the rows is the twin.
    error = paired_error(runs, dataset="valid", metric="rmse", best=(24, 24))
    drawn = RNG.integers(0, 200, size=(4000, 200))
    roots = [np.sqrt(np.square(v[drawn]).mean(axis=1)) for v in SCORES]
    assert error == pytest.approx((roots[1] - roots[0]).std(), rel=0.1)


def test_the_round_nearest_to_the_best_one_counts():
    early, late = np.tile(SCORES[0], (25, 1)), np.tile(SCORES[0], (25, 1))
    late[20:] = SCORES[1]
    runs = pair(early, late)
    assert paired_error(runs, dataset="valid", metric="logloss", best=(3, 19)) == 0.0
    expected = paired_error(pair(), dataset="valid", **CLASSES)
    assert paired_error(runs, dataset="valid", metric="logloss", best=(3, 900)) == pytest.approx(expected)


def relabelled(runs):
    runs[1].ensure_stream(MarginLog).labels["valid"][0] = 0
    return runs


@pytest.mark.parametrize(
    "runs",
    [
        (pair()[0], header()),
        (pair()[0], margins(valid=SCORES[1][:150])),
        relabelled(pair()),
        (pair()[0], header(run=pair()[1], data=labels([100, 100], dataset="valid", weighted=[1, 2]))),
        (pair()[0], margins(valid=[*SCORES[1][:199], np.nan])),
    ],
    ids=["not kept", "other rows", "other labels", "weighted", "not a number"],
)
def test_where_it_cannot_be_told(runs):
    assert paired_error(runs, dataset="valid", **CLASSES) is None


@pytest.mark.parametrize("metric", ["auc", "error@0.7", "my_own", "rmse"])
def test_metrics_that_are_no_mean_over_rows_of_classes(metric):
    assert paired_error(pair(), dataset="valid", metric=metric, best=(24, 24)) is None
