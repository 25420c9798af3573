"""EvalLog and RoundLog against slow, obvious twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treedebug.core.run.eval_log import EvalLog, RoundLog, looks_like_training, metric_direction

KEYS = st.tuples(st.sampled_from(["train", "valid"]), st.sampled_from(["auc", "logloss"]))
ROWS = st.lists(st.dictionaries(KEYS, st.floats(allow_nan=False)), max_size=12)


class SlowLog:
    """Every value on a list."""

    def __init__(self):
        self.rows = []

    def append(self, *row):
        self.rows.append(row)

    def truncate(self, n_rounds):
        self.rows = [r for r in self.rows if r[0] < n_rounds]

    def keys(self, n_rounds):
        return list(dict.fromkeys((d, m) for r, d, m, _ in self.rows if r < n_rounds))

    def series(self, key, n_rounds):
        return [(r, v) for r, d, m, v in self.rows if (d, m) == key and r < n_rounds]


@given(ROWS, st.integers(0, 14), st.integers(0, 14), ROWS)
def test_the_log_and_its_views(rows, back, look, more):
    log, slow = EvalLog(), SlowLog()

    def fill(rows, start):
        for i, row in enumerate(rows, start):
            for (dataset, metric), value in row.items():
                log.append(i, dataset, metric, value)
                slow.append(i, dataset, metric, value)

    fill(rows, 0)
    back = min(back, len(rows))
    log.truncate(back)
    slow.truncate(back)
    fill(more, back)
    for view, n in ((log, 10**9), (log.until(look), look)):
        # A curve keeps the place it first had, even if a rewind took its first values away.
        assert sorted(view.keys()) == sorted(slow.keys(n))
        assert len(view) == len(slow.keys(n))
        assert set(view.datasets()) == {d for d, _ in slow.keys(n)}
        assert set(view.metrics()) == {m for _, m in slow.keys(n)}
        for series in view:
            told = list(zip(series.rounds.tolist(), series.values.tolist(), strict=True))
            assert told == slow.series((series.dataset, series.metric), n)


def test_curves_stand_in_order_of_appearance():
    log = EvalLog()
    log.append(0, "valid", "auc", 0.5)
    log.append(1, "valid", "logloss", 0.5)
    log.append(1, "train", "auc", 0.5)
    assert log.keys() == [("valid", "auc"), ("valid", "logloss"), ("train", "auc")]
    assert log.until(1).keys() == [("valid", "auc")]
    assert log.until(0).datasets() == []


def test_a_view_shares_numbers_and_does_not_grow():
    log = EvalLog()
    log.append(0, "valid", "auc", 0.5)
    view = log.until(1)
    log.append(1, "valid", "auc", float("nan"))
    assert view.series("valid", "auc").values.tolist() == [0.5]
    assert np.isnan(log.series("valid", "auc").values[1])


def test_an_unknown_curve():
    with pytest.raises(KeyError):
        EvalLog().series("valid", "auc")


HIGHER = [
    "auc", "AUC", "aucpr", "ndcg", "ndcg@5", "ndcg@5-", "map", "map@10", "map-", "pre@3", "auc_mu",
    "average_precision", "cindex", "interval-regression-accuracy", "accuracy", "f1", "r2",
]  # fmt: skip
LOWER = [
    "rmse", "rmsle", "mae", "mape", "mphe", "logloss", "error", "error@0.7", "merror", "mlogloss",
    "poisson-nloglik", "gamma-deviance", "gamma-nloglik", "tweedie-nloglik@1.5", "cox-nloglik", "aft-nloglik",
    "l1", "l2", "huber", "fair", "quantile", "binary_logloss", "binary_error", "multi_logloss", "multi_error",
    "cross_entropy", "kullback_leibler", "gamma_deviance", "tweedie", "my_loss", "cost_error",
]  # fmt: skip
UNKNOWN = ["my_metric", "", "profit", "expected", "gain", "auccc", "custom"]


@pytest.mark.parametrize(
    ("metric", "better"),
    [*((m, True) for m in HIGHER), *((m, False) for m in LOWER), *((m, None) for m in UNKNOWN)],
)
def test_metric_direction(metric, better):
    assert metric_direction(metric) is better


def test_what_the_library_tells_wins_over_the_name():
    log = EvalLog()
    assert log.higher_is_better("auc") is True
    log.directions["auc"] = False
    assert log.higher_is_better("auc") is False
    assert log.until(3).higher_is_better("auc") is False


@pytest.mark.parametrize("name", ["train", "Training", "dtrain", "train_0", "train-set", "fit", "learn"])
def test_names_of_training_data(name):
    assert looks_like_training(name)


@pytest.mark.parametrize("name", ["valid", "validation_0", "eval", "test", "trainee", "hold-out", ""])
def test_names_of_other_data(name):
    assert not looks_like_training(name)


def test_training_data_as_the_recorder_saw_it():
    log = EvalLog()
    assert log.is_training("train")
    log.training.add("validation_0")
    assert log.is_training("validation_0")
    assert not log.is_training("train")


@given(st.lists(st.floats(), max_size=10), st.integers(0, 5), st.integers(0, 16), st.integers(0, 16))
def test_round_log(rates, start, back, look):
    log, slow = RoundLog(), []
    for i, rate in enumerate(rates, start):
        log.append(i, learning_rate=rate, seconds=i / 7, iterations=i + 1)
        slow.append((i, rate, i / 7, i + 1))
    log.truncate(back)
    slow = [r for r in slow if r[0] < back]
    for view, n in ((log, 10**9), (log.until(look), look)):
        rows = [r for r in slow if r[0] < n]
        assert view.rounds.tolist() == [r[0] for r in rows]
        np.testing.assert_array_equal(view.learning_rate, np.array([r[1] for r in rows], dtype=float))
        assert view.seconds.tolist() == [r[2] for r in rows]
        assert view.iterations.tolist() == [r[3] for r in rows]
        assert view.n_rounds == min(n, slow[-1][0] + 1 if slow else 0)
