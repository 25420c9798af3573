import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treedebug.engine.resolve import Missing, Resolver
from treedebug.signals.curves.eval_curves import AllCurves, EvalLoss, LossPair, noise_of
from treedebug.signals.curves.improvement_slope import Slope
from treedebug.signals.curves.metric_facts import constant_score, is_coarse, perfect_value
from treedebug.signals.curves.training_end import Ending
from treedebug.testing import curves, ending, labels

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


def measured(kind, run, **view):
    return Resolver(run.at(run.n_rounds, **{"final": True, **view})).get(kind)


@given(VALUES, st.booleans())
def test_eval_loss_against_a_slow_twin(values, higher):
    loss = measured(EvalLoss, curves(valid=values, metric="auc" if higher else "rmse"))
    best = (max if higher else min)(values)
    assert loss.best_round == values.index(best)
    assert loss.shown(loss.valid[loss.best]) == best
    assert loss.wait == len(values) - 1 - values.index(best)
    losses = [-v if higher else v for v in values]
    tail = sorted(losses[-min(5, len(losses) - loss.best) :])
    assert loss.rise == pytest.approx(tail[len(tail) // 2] - min(losses))
    assert loss.settled <= loss.best
    assert loss.regret >= 0


def test_the_metric_watched_on_the_training_data_decides():
    run = curves(train=[0.9, 0.5, 0.2], valid=[0.9, 0.6, 0.7], metric="logloss")
    for k, value in enumerate([0.5, 0.7, 0.8]):
        run.evals.append(k, "valid", "accuracy", value)
    assert measured(EvalLoss, run).metric == "logloss"
    run.evals.append(0, "train", "accuracy", 0.5)
    assert measured(EvalLoss, run).metric == "accuracy"


def test_the_training_curve_may_know_more_rounds():
    run = curves(train=[0.9, 0.5, 0.2, 0.1])
    for k, value in ((1, 0.6), (3, 0.4)):
        run.evals.append(k, "valid", "logloss", value)
    loss = measured(EvalLoss, run)
    assert loss.rounds.tolist() == [1, 3]
    assert loss.train.tolist() == [0.5, 0.1]


@given(VALUES)
def test_noise_against_a_slow_twin(values):
    tail = values[len(values) // 2 :] if len(values) >= 10 else values
    bends = [abs(c - 2 * b + a) for a, b, c in zip(tail, tail[1:], tail[2:], strict=False)]
    expected = 0.0
    if bends:
        limit = 5 * sum(bends) / len(bends)
        expected = sum(min(b, limit) for b in bends) / len(bends) * math.sqrt(math.pi / 12)
    assert noise_of(np.array(values)) == pytest.approx(expected, abs=1e-6)


def test_noise_of_known_curves():
    noise = np.random.default_rng(0).normal(scale=0.01, size=2000)
    assert noise_of(noise + np.linspace(5, 1, 2000)) == pytest.approx(0.01, rel=0.1)
    assert noise_of(np.linspace(5, 1, 2000)) < 1e-12


def test_the_last_dataset_and_metric_decide():
    run = curves(valid=[0.5] * 3, metric="logloss")
    for r in range(3):
        run.evals.append(r, "other", "logloss", 0.6)
        run.evals.append(r, "other", "auc", 0.7)
    loss = measured(EvalLoss, run)
    assert (loss.dataset, loss.metric, loss.higher_is_better) == ("other", "auc", True)


def test_rounds_that_are_not_finite_are_left_out():
    loss = measured(EvalLoss, curves(train=[3, 2, 1, 0.5], valid=[3, float("nan"), 1, 2]))
    assert loss.rounds.tolist() == [0, 2, 3]
    assert loss.train.tolist() == [3, 1, 0.5]
    assert loss.best_round == 2


def test_the_direction_is_learned_from_training_or_asked_for():
    assert measured(EvalLoss, curves(train=[1, 2], valid=[1, 2], metric="profit")).higher_is_better
    with pytest.raises(Missing, match=r"higher_is_better=\{'profit': True\}"):
        measured(EvalLoss, curves(valid=[1, 2], metric="profit"))
    assert measured(EvalLoss, curves(valid=[1, 2], metric="profit", higher_is_better=True)).best_round == 1


def test_what_is_missing_is_said():
    with pytest.raises(Missing, match="validation set"):
        measured(EvalLoss, curves(train=[1, 2]))
    with pytest.raises(Missing, match="training data too"):
        measured(LossPair, curves(valid=[1, 2]))
    with pytest.raises(Missing, match="at least one metric"):
        measured(AllCurves, curves())


def test_all_curves_keeps_what_is_broken():
    every = measured(AllCurves, curves(train=[1, float("nan")], valid=[1, 2]))
    assert [c.dataset for c in every.curves] == ["train", "valid"]
    assert np.isnan(every.training[0].values[1])


def test_constant_scores():
    run = curves(data=labels([750, 250], dataset="valid"))
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert constant_score(run.header, "valid", "binary_logloss") == pytest.approx(entropy)
    assert constant_score(run.header, "valid", "error@0.7") == 0.25
    assert constant_score(run.header, "valid", "auc") == 0.5
    assert constant_score(run.header, "valid", "accuracy") == 0.75
    assert constant_score(run.header, "train", "logloss") is None
    run.header.data["valid"]["label"] = {"kind": "numbers", "mean": 1.0, "std": 3.0}
    assert constant_score(run.header, "valid", "rmse") == 3.0
    assert constant_score(run.header, "valid", "l2") == 9.0


def test_metric_facts():
    assert perfect_value("ndcg@5") == 1.0
    assert perfect_value("rmse") == 0.0
    assert perfect_value("poisson-nloglik") is None
    assert is_coarse("error@0.7")
    assert not is_coarse("auc")


def test_slope_of_a_line_and_of_an_l():
    line = measured(Slope, curves(valid=np.linspace(0.7, 0.2, 51)))
    assert line.straightness == pytest.approx(1.0)
    assert line.tail_share == pytest.approx(0.1)
    bent = measured(Slope, curves(valid=[0.7, 0.3, *[0.2] * 49]))
    assert bent.straightness == 0.0
    assert bent.tail_share == 0.0


def test_ending():
    run = curves(valid=[1, 2, 3], early_stopping_rounds=2, planned_rounds=9)
    assert measured(Ending, run).stopped_early
    assert not measured(Ending, run, final=False).stopped_early
    assert measured(Ending, run, final=False).allows(2)
    assert not measured(Ending, run, final=False).allows(3)
    assert not measured(Ending, ending(curves(valid=[1], planned_rounds=9), state="interrupted")).stopped_early
    late = ending(curves(valid=[1, 2, 3], early_stopping_rounds=2, planned_rounds=3), best_round=0)
    assert measured(Ending, late).stopped_early
