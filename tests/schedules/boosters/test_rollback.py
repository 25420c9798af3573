import json

import hypothesis.strategies as st
import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given, settings

import treedebug
from tests.schedules.boosters.tables import matrices, sets, table
from treedebug.core.errors import ConfigError
from treedebug.schedules import Rollback

XGB = {"objective": "binary:logistic", "max_depth": 4}
LGB = {"objective": "binary", "metric": "binary_logloss", "verbose": -1, "num_leaves": 15}


def xgboost(rollback, rounds=60, params=None, **more):
    dtrain, dvalid = matrices()
    evals = [(dtrain, "train"), (dvalid, "valid")]
    watch = more.pop("watch", ("valid", "logloss"))
    return rollback.train({**XGB, **(params or {})}, dtrain, rounds, evals=evals, watch=watch, **more)


def lightgbm(rollback, rounds=60, params=None, **more):
    train, valid = sets()
    return rollback.train(
        {**LGB, **(params or {})}, train, rounds, evals=[(valid, "valid")], watch=("valid", "binary_logloss"), **more
    )


def test_it_cuts_back_to_the_best_round_and_goes_on():
    schedule = Rollback(0.4, patience=1)
    rates = [schedule.observe(v) for v in (3.0, 2.0, 2.5, 2.4, 1.0, 1.5, 1.2)]
    assert rates == [0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1]
    assert (schedule.n_kept, schedule.n_discarded, schedule.t) == (3, 4, 7)
    assert schedule.history[0].why == "cut back to round 1, the best: 2 rounds without an improvement thrown away"


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10) | st.just(float("nan")), max_size=50), st.integers(0, 50), st.integers(0, 3))
def test_saved_and_resumed_is_uninterrupted_and_all_rounds_are_counted(values, at, patience):
    whole, first, second = (Rollback(0.4, patience=patience) for _ in range(3))
    expected = [whole.observe(v) for v in values]
    found = [first.observe(v) for v in values[:at]]
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert found + [second.observe(v) for v in values[at:]] == expected
    assert whole.n_kept + whole.n_discarded == len(values)
    assert all(0.004 <= rate <= 0.4 for rate in expected)


@pytest.mark.parametrize("train", [xgboost, lightgbm])
def test_the_budget_counts_what_is_thrown_away(train):
    done = train(Rollback(0.5, patience=4))
    n_rounds = done.booster.num_boosted_rounds() if train is xgboost else done.booster.current_iteration()
    assert n_rounds == done.n_rounds < 60
    assert done.n_rounds + done.n_discarded == 60
    assert len(done.history) >= 2
    assert [c.rate for c in done.history] == [max(0.5 * 0.5**i, 0.005) for i in range(1, len(done.history) + 1)]


@pytest.mark.parametrize("train", [xgboost, lightgbm])
def test_the_booster_is_as_good_as_its_best_round(train):
    done = train(Rollback(0.5, patience=4))
    X, y = table()
    Xv, yv = X[200:], y[200:]
    p = done.booster.predict(xgb.DMatrix(Xv) if train is xgboost else Xv)
    loss = -np.mean(np.where(yv == 1, np.log(p), np.log(1 - p)))
    assert loss == pytest.approx(done.best_value, rel=1e-4)
    plain = train(Rollback(0.5, patience=1000))
    assert done.best_value <= plain.best_value


def test_without_a_plateau_it_is_plain_training():
    dtrain, _ = matrices()
    done = xgboost(Rollback(0.05), rounds=15, keep_best=False)
    assert done.booster.get_dump() == xgb.train({**XGB, "eta": 0.05}, dtrain, 15).get_dump()
    train, _ = sets()
    done = lightgbm(Rollback(0.05), rounds=15, keep_best=False)
    expected = lgb.train({**LGB, "learning_rate": 0.05}, train, 15)
    X, _ = table()
    assert np.array_equal(done.booster.predict(X), expected.predict(X))


def test_a_segment_begins_where_the_kept_trees_end():
    done = xgboost(Rollback(0.5, patience=4), keep_best=False)
    cut = done.history[0]
    kept = int(cut.why.split()[4].rstrip(",")) + 1
    dtrain, _ = matrices()
    first = xgb.train({**XGB, "eta": 0.5}, dtrain, kept)
    assert done.booster[:kept].get_dump() == first.get_dump()


def test_a_recorder_that_resumes_holds_what_is_kept(tmp_path):
    recorder = treedebug.XGBoostCallback(tmp_path / "run", resume=True, quiet=True)
    done = xgboost(Rollback(0.5, patience=4), callbacks=[recorder], keep_best=False)
    run = treedebug.load(tmp_path / "run")
    assert run.n_rounds == done.n_rounds
    rates = run.data.rounds.learning_rate
    assert rates[0] == 0.5
    assert len(set(rates.tolist())) >= 2
    assert run.booster(done.n_rounds - 1).get_dump() == done.booster.get_dump()


def test_a_metric_to_be_raised():
    done = xgboost(Rollback(0.5, patience=4), params={"eval_metric": "auc"}, watch=("valid", "auc"))
    assert 0.5 < done.best_value <= 1.0


def test_training_anew_is_the_same():
    rollback = Rollback(0.5, patience=4)
    assert xgboost(rollback).booster.get_dump() == xgboost(rollback).booster.get_dump()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: xgboost(Rollback(0.1), params={"booster": "dart"}), "rescales"),
        (lambda: lightgbm(Rollback(0.1), params={"boost": "rf"}), "averaged"),
        (lambda: lightgbm(Rollback(0.1), callbacks=[print]), "without callbacks"),
        (lambda: xgboost(Rollback(0.1), watch=("valid", "auc")), "not evaluated|unknown"),
        (lambda: Rollback(0.1).train({}, [[1]], 5, evals=[], watch=("a", "b")), "DMatrix of XGBoost"),
        (lambda: Rollback(0.1, factor=1.5), "factor"),
        (lambda: treedebug.ScheduleCallback(Rollback(0.1), watch=("a", "b")), "cannot take trees away"),
    ],
)
def test_what_cannot_be_is_refused(wrong, message):
    with pytest.raises(ConfigError, match=message):
        wrong()
