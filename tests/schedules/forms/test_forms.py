import math

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings

from treedebug.core.errors import ConfigError
from treedebug.schedules import (
    REX,
    WSD,
    AutomaticRate,
    Constant,
    Cosine,
    Exponential,
    Linear,
    OneCycle,
    Polynomial,
    Step,
)


def rates(schedule, n):
    return [schedule.rate(t) for t in range(n)]


def of_torch(make, n, lr=1.0):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler, found = make(optimizer), []
    for t in range(n):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if t < n - 1:
            scheduler.step()
    return found


def test_a_line_goes_from_its_start_to_its_end_and_stays_there():
    assert rates(Linear(0.3, 0.1, n_steps=3), 5) == pytest.approx([0.3, 0.2, 0.1, 0.1, 0.1])
    assert rates(Linear(0.03, 0.3, n_steps=4), 4) == pytest.approx([0.03, 0.12, 0.21, 0.3])
    assert rates(Linear(0.3, 0.1, n_steps=1), 2) == [0.3, 0.1]


def test_a_cosine_is_pytorchs_and_stays_at_its_end():
    torchs = of_torch(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 9, eta_min=0.1), 10)
    assert rates(Cosine(1.0, 0.1, n_steps=10), 10) == pytest.approx(torchs)
    assert Cosine(1.0, 0.1, n_steps=10).rate(15) == 0.1


def test_a_cosine_starts_anew_in_each_cycle():
    schedule = Cosine(1.0, 0.0, restarts=2, n_steps=10)
    found = rates(schedule, 10)
    assert [t for t in range(10) if found[t] == 1.0] == [0, 4, 7]
    assert [found[3], found[6], found[9]] == [0.0, 0.0, 0.0]


def test_one_cycle_is_pytorchs():
    def make(optimizer):
        return torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=20, cycle_momentum=False)

    assert rates(OneCycle(1.0, n_steps=20), 20) == pytest.approx(of_torch(make, 20))


def test_steps_exponentials_and_powers():
    assert rates(Step(1.0, factor=0.5, every=2), 5) == [1.0, 1.0, 0.5, 0.5, 0.25]
    assert rates(Exponential(1.0, 0.01, n_steps=3), 4) == pytest.approx([1.0, 0.1, 0.01, 0.01])
    assert rates(Polynomial(1.0, 0.0, power=2.0, n_steps=3), 3) == [1.0, 0.25, 0.0]


def test_rex_falls_late():
    schedule = REX(1.0, n_steps=11)
    assert schedule.rate(5) == pytest.approx(0.5 / 0.75)
    assert schedule.rate(10) == 0.0


def test_warmup_stable_decay():
    schedule = WSD(1.0, warmup=0.2, decay=0.5, shape="linear", n_steps=10)
    assert rates(schedule, 10) == pytest.approx([0.5, 1.0, 1.0, 1.0, 1.0, 0.8, 0.6, 0.4, 0.2, 0.0])
    for _ in range(9):
        schedule.observe()
    assert [(c.t, c.why) for c in schedule.history] == [(2, "stable"), (5, "decay")]


@pytest.mark.parametrize(
    ("loss", "n_rows", "n_steps", "keeps_best", "starts_at_mean", "rate"),
    [
        ("logloss", 1000, 300, True, False, 0.053501),
        ("logloss", 1000, 300, False, False, 0.031075),
        ("rmse", 1000, 300, True, True, 0.106133),
        ("rmse", 1000, 300, False, True, 0.108963),
        ("logloss", 5000, 30, True, False, 0.216774),
        ("logloss", 10**9, 30, True, False, 0.5),
    ],
)
def test_the_automatic_rate_is_catboosts(loss, n_rows, n_steps, keeps_best, starts_at_mean, rate):
    schedule = AutomaticRate(n_rows, loss=loss, keeps_best=keeps_best, starts_at_mean=starts_at_mean, n_steps=n_steps)
    assert schedule.rate(0) == schedule.rate(n_steps) == rate


def test_the_automatic_rate_starts_as_catboost_does_by_default():
    assert AutomaticRate(1000, loss="logloss", n_steps=300).rate(0) == 0.053501
    assert AutomaticRate(1000, loss="rmse", n_steps=300).rate(0) == 0.106133


def test_a_form_without_its_number_of_steps_says_so():
    with pytest.raises(ConfigError, match="n_steps="):
        Linear(0.1).rate(0)
    schedule = Linear(0.1)
    schedule.plan(2)
    assert rates(schedule, 2) == [0.1, 0.0]


def test_a_number_of_steps_that_was_given_stays():
    schedule = Linear(0.1, n_steps=3)
    schedule.plan(100)
    assert schedule.rate(2) == 0.0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Constant(-0.1),
        lambda: Constant(math.nan),
        lambda: Constant("0.1"),
        lambda: Linear(math.inf),
        lambda: Step(0.1, every=0),
        lambda: Exponential(0.1, 0.0),
        lambda: Polynomial(0.1, power=0),
        lambda: WSD(0.1, decay=2),
        lambda: WSD(0.1, shape="steep"),
        lambda: Cosine(0.1, restarts=-1),
        lambda: OneCycle(0.1, start_divisor=0),
        lambda: AutomaticRate(0),
        lambda: AutomaticRate(10, loss="hinge"),
        lambda: Linear(0.1, n_steps=0),
        lambda: Linear(0.1, n_steps=5).rate(-1),
        lambda: AutomaticRate(n_steps=10).rate(0),
    ],
)
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(ConfigError):
        wrong()


FORMS = {
    "constant": lambda a, b: Constant(a),
    "linear": Linear,
    "polynomial": lambda a, b: Polynomial(a, b, power=0.7),
    "cosine": lambda a, b: Cosine(a, b, restarts=3),
    "exponential": Exponential,
    "rex": lambda a, b: REX(a),
    "wsd": lambda a, b: WSD(max(a, b), end=min(a, b), shape="cosine"),
    "one cycle": lambda a, b: OneCycle(max(a, b)),
}


@settings(deadline=None)
@given(
    name=st.sampled_from(sorted(FORMS)),
    a=st.floats(1e-6, 10),
    b=st.floats(1e-6, 10),
    n=st.integers(1, 50),
    more=st.integers(0, 5),
)
def test_rates_stay_within_what_was_given(name, a, b, n, more):
    schedule = FORMS[name](a, b)
    schedule.plan(n)
    found = rates(schedule, n + more)
    assert all(-1e-12 <= rate <= max(a, b) * (1 + 1e-9) for rate in found)
    assert [schedule.rate(0), *(schedule.observe() for _ in range(n + more - 1))] == found
    assert schedule.now == found[-1]
