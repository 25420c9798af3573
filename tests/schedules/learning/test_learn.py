import json

import hypothesis.strategies as st
import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given, settings

import treedebug
from tests.schedules.boosters.tables import matrices
from treedebug.core.errors import ConfigError
from treedebug.core.run.run_data import Header, RunData
from treedebug.schedules import AutomaticRate, Constant, LearnedSchedule, Linear, Policy, learn
from treedebug.schedules.learning.policy import LossProgress, sigmoid

NEUTRAL = (0.0,) * 6


def run_of(rate_of, loss_of, n=60, planned=60):
    run = RunData(Header(planned_rounds=planned))
    for t in range(n):
        run.evals.append(t, "valid", "logloss", loss_of(t))
        run.rounds.append(t, learning_rate=rate_of(t), seconds=0.01, iterations=t + 1)
    return run


def runs(best=0.1, n=30):
    """Runs of one table: the nearer the rate to the best, the lower the loss; the first rate is the same in all."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(n):
        rate = float(np.exp(rng.uniform(np.log(0.02), np.log(0.35))))
        speed = 1.0 / (1.0 + np.log(rate / best) ** 2)
        made.append(
            run_of(lambda t, r=rate: 0.1 if t == 0 else r, lambda t, s=speed: 0.1 + 0.6 * np.exp(-0.03 * s * t))
        )
    return made


def test_it_learns_which_rates_paid_off():
    low, high = (learn(runs(best)) for best in (0.04, 0.3))
    mid = LossProgress()
    mid.see(0.7)
    mid.see(0.69)
    factors = [policy.factor(mid.features(0.1)) for policy in (low, high)]
    assert factors[0] < 1.0 < factors[1]
    assert low.n_seen == 30
    assert "30 runs, 1800 rounds" in low.about


def test_one_rate_alone_teaches_that_rate():
    policy = learn([run_of(lambda t: 0.1, lambda t: 1.0 / (t + 1)) for _ in range(25)])
    schedule = LearnedSchedule(policy, 0.2, n_steps=60)
    assert schedule.rate(0) == pytest.approx(0.2, rel=0.3)


def test_runs_without_rates_or_losses_are_left_out():
    with pytest.raises(ConfigError, match="nothing to learn from"):
        learn([RunData(), run_of(lambda t: float("nan"), lambda t: 1.0), run_of(lambda t: 0.1, lambda t: 1.0, n=9)])


def test_too_few_runs_fall_back_to_the_reference_and_say_so():
    schedule = LearnedSchedule(learn(runs(n=3)), 0.1, n_steps=10)
    assert not schedule.is_used
    assert {schedule.observe(1.0 / (t + 1)) for t in range(10)} == {0.1}
    assert "learned from 3 runs only, of 20 needed" in schedule.history[0].why


def trained(schedule, rounds=30):
    dtrain, dvalid = matrices()
    callback = treedebug.ScheduleCallback(schedule, watch=("valid", "logloss"))
    recorder = treedebug.XGBoostCallback(quiet=True)
    params = {"objective": "binary:logistic", "max_depth": 3}
    xgb.train(params, dtrain, rounds, evals=[(dvalid, "valid")], callbacks=[callback, recorder], verbose_eval=False)
    return recorder.run


def test_from_recorded_runs_to_a_training():
    recorded = [trained(schedule) for schedule in (Constant(0.05), Constant(0.3), Linear(0.03, 0.3), Linear(0.3, 0.03))]
    policy = learn(recorded)
    assert policy.n_seen == 4
    reference = AutomaticRate(200, loss="logloss", n_steps=30).rate(0)
    assert set(trained(LearnedSchedule(policy)).data.rounds.learning_rate) == {reference}
    schedule = LearnedSchedule(policy, least_runs=4)
    rates = trained(schedule).data.rounds.learning_rate
    assert (rates <= policy.most * reference).all()
    assert len(set(rates.tolist())) > 1
    assert schedule.history[0].why.startswith("learned from 4 runs: ")


@settings(deadline=None)
@given(
    theta=st.lists(st.floats(-20, 20), min_size=6, max_size=6),
    values=st.lists(st.floats(1e-3, 1e3) | st.sampled_from([0.0, float("nan"), float("inf")]), max_size=40),
    at=st.integers(0, 40),
)
def test_rates_stay_within_bounds_and_resumed_is_uninterrupted(theta, values, at):
    policy = Policy(tuple(theta), 3.0, n_seen=50)
    whole, first, second = (LearnedSchedule(policy, 0.1, n_steps=30) for _ in range(3))
    expected = [whole.observe(v) for v in values]
    assert all(0.001 * 0.99 <= rate <= 0.3 * 1.0001 for rate in expected)
    found = [first.observe(v) for v in values[:at]]
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert found + [second.observe(v) for v in values[at:]] == expected


def test_a_policy_without_a_view_halves_the_most():
    assert LearnedSchedule(Policy(NEUTRAL, 3.0, n_seen=50), 0.1, n_steps=5).rate(0) == pytest.approx(0.15)
    assert (sigmoid(-1e9), sigmoid(1e9)) == (pytest.approx(0.0), 1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: LearnedSchedule(Policy(NEUTRAL, 3.0), 0.0),
        lambda: LearnedSchedule(Policy(NEUTRAL, 3.0, n_seen=50), 0.1).rate(0),
        lambda: LearnedSchedule(Policy(NEUTRAL, 3.0)).rate(0),
        lambda: LearnedSchedule(Policy(NEUTRAL, 3.0), 0.1).observe(),
        lambda: LearnedSchedule(Policy(NEUTRAL, 3.0), 0.1).direct(higher_is_better=True),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError):
        wrong()
