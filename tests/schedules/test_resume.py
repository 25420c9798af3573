"""A schedule that is saved and loaded goes on as if nothing had come between, for every kind and every option."""

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tests.schedules.control.test_greedy import OPTIONS, VALUES
from treedebug import schedules as s
from treedebug.core.errors import ConfigError

KINDS = {
    "constant": lambda o: s.Constant(0.1),
    "linear": lambda o: s.Linear(0.1, 0.3),
    "cosine": lambda o: s.Cosine(0.1, restarts=2),
    "step": lambda o: s.Step(0.1, every=3),
    "exponential": lambda o: s.Exponential(0.1, 0.01),
    "polynomial": lambda o: s.Polynomial(0.1),
    "rex": lambda o: s.REX(0.1),
    "wsd": lambda o: s.WSD(0.1),
    "one cycle": lambda o: s.OneCycle(0.1),
    "automatic": lambda o: s.AutomaticRate(100, loss="rmse"),
    "greedy": lambda o: s.GreedyLR(0.1, **o),
    "plateau": lambda o: s.ReduceOnPlateau(0.1, patience=2, cooldown=o["cooldown"], mode=o["mode"]),
    "warm-up": lambda o: s.Warmup(s.GreedyLR(0.1, **o), 5),
    "final decay": lambda o: s.FinalDecay(s.GreedyLR(0.1, **o), 0.3),
    "both": lambda o: s.Warmup(s.FinalDecay(s.GreedyLR(0.1, **o), 0.3), 3),
}


@settings(deadline=None)
@given(kind=st.sampled_from(sorted(KINDS)), options=OPTIONS, values=VALUES, at=st.integers(0, 60))
def test_saved_and_resumed_is_uninterrupted(kind, options, values, at):
    whole, first, second = (KINDS[kind](options) for _ in range(3))
    at = min(at, len(values))
    for schedule in (whole, first):
        schedule.plan(max(len(values), 10))
    expected = [whole.observe(v) for v in values]
    found = [first.observe(v) for v in values[:at]]
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    found += [second.observe(v) for v in values[at:]]
    assert found == expected
    assert json.dumps(second.state_dict()) == json.dumps(whole.state_dict())
    assert repr(second.history) == repr(whole.history)


def test_a_state_is_a_copy():
    schedule = s.GreedyLR(0.1, window=3)
    schedule.observe(1.0)
    state = schedule.state_dict()
    schedule.observe(2.0)
    assert state["window"] == [1.0]


def test_the_state_of_another_kind_is_refused():
    with pytest.raises(ConfigError, match="state of a GreedyLR, got that of 'Constant'"):
        s.GreedyLR(0.1).load_state_dict(s.Constant(0.1).state_dict())
    with pytest.raises(ConfigError, match="without t"):
        s.Constant(0.1).load_state_dict({"schedule": "Constant"})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_description_is_json(kind):
    options = {"cooldown": 0, "mode": "min"}
    described = KINDS[kind](options).describe()
    assert json.loads(json.dumps(described)) == described
    assert repr(KINDS[kind](options)).startswith(described["schedule"])
