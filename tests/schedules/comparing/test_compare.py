import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from treedebug.core.errors import ConfigError
from treedebug.schedules import Constant, Linear, Outcome, compare
from treedebug.schedules.comparing.paired import paired

CONSTANTS = [lambda: Constant(0.1), lambda: Constant(0.3), lambda: Constant(0.03)]


def trainer(gain=0.0, noise=0.0, budget=100):
    def train(schedule, table, seed):
        is_ours = not isinstance(schedule, Constant)
        luck = noise * np.random.default_rng([seed, is_ours]).normal()
        loss = 1.0 + 0.1 * seed + abs(schedule.initial - 0.1) - gain * is_ours + luck
        return Outcome(valid=loss, test=loss, budget=budget * (2 if is_ours and budget < 0 else 1))

    return train


def ours():
    return Linear(0.1, 0.2, n_steps=10)


def test_a_real_gain_is_called_better():
    found = compare(trainer(gain=0.2), {"line": ours}, constants=CONSTANTS)
    assert found.row("line").difference.verdict == "better"
    assert "line is better than the constant tuned with as many trainings (1): lower test loss in 5 of 5" in str(found)


def test_a_loss_is_called_worse():
    assert " worse " in str(compare(trainer(gain=-0.2), {"line": ours}, constants=CONSTANTS))


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 1000))
def test_the_word_better_needs_an_interval_without_0(seed):
    rng = np.random.default_rng(seed)
    cells = [(f"t{i % 4}", i // 4) for i in range(20)]
    base = dict.fromkeys(cells, 1.0)
    mine = {cell: float(1.0 + 0.01 * rng.normal()) for cell in cells}
    found = paired(mine, base)
    assert (found.verdict == "better") == (found.high < 0)
    assert found.low <= found.mean <= found.high


def test_no_difference_is_not_called_better():
    text = str(compare(trainer(noise=0.3), {"line": ours}, constants=CONSTANTS, seeds=range(8)))
    assert "no difference shown" in text
    assert "better" not in text


def test_the_constant_is_tuned_with_as_many_trainings():
    tried = []

    def train(schedule, table, seed):
        tried.append((schedule.initial, type(schedule).__name__))
        return Outcome(valid=schedule.initial, test=schedule.initial, budget=1)

    found = compare(train, {"two": [ours, ours], "one": ours}, constants=CONSTANTS)
    assert {rate for rate, kind in tried if kind == "Constant"} == {0.1, 0.3}
    assert [row.n_trainings for row in found.rows] == [2, 1]


def test_settings_are_chosen_by_validation_not_by_test():
    def train(schedule, table, seed):
        return Outcome(valid=-schedule.initial, test=schedule.initial, budget=1)

    found = compare(train, {"two": [ours, lambda: Linear(0.2, n_steps=3)]}, constants=CONSTANTS[:2])
    assert found.row("two").difference.mean == pytest.approx(100 * (0.2 - 0.3) / 0.3)


def test_the_interval_is_over_tables():
    many = {(t, s): 1.0 for t in "ab" for s in range(50)}
    mine = {(t, s): 0.9 if t == "a" else 1.1 for t, s in many}
    found = paired(mine, many)
    assert (found.low, found.high) == pytest.approx((-10, 10)), "100 cells, but two tables"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compare(trainer(), {"line": ours}, constants=CONSTANTS, seeds=range(4)), "at least 5 seeds"),
        (lambda: compare(trainer(), {"line": ours}, constants=CONSTANTS, seeds=[1] * 9), "at least 5 seeds"),
        (lambda: compare(trainer(budget=-5), {"line": ours}, constants=CONSTANTS), "unequal budgets"),
        (lambda: compare(trainer(), {"line": [ours] * 4}, constants=CONSTANTS), "needs as many constants"),
        (lambda: compare(trainer(noise=float("nan")), {"line": ours}, constants=CONSTANTS), "finite losses"),
        (lambda: compare(trainer(), {"line": ours}, constants=CONSTANTS).row("lin"), "was not compared"),
        (lambda: paired({("a", 1): 1.0}, {("a", 2): 1.0}), "same tables and seeds"),
    ],
)
def test_dishonest_comparisons_are_refused(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
