import pytest

from treedebug.core.errors import ConfigError
from treedebug.schedules import Constant, FinalDecay, GreedyLR, Linear, Warmup


def test_a_warmup_reaches_the_first_rate():
    schedule = Warmup(Linear(1.0, 0.0), 3)
    schedule.plan(8)
    assert [schedule.rate(t) for t in range(8)] == pytest.approx([0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25, 0.0])
    assert [schedule.observe() for _ in range(7)] == [schedule.rate(t) for t in range(1, 8)]
    assert (schedule.history[0].t, schedule.history[0].why) == (3, "warm-up over 3 steps is done")


def test_a_warmup_before_a_greedy_schedule_counts_from_its_end():
    schedule = Warmup(GreedyLR(0.1, factor=0.5, patience=1), 2, start=0.1)
    assert [schedule.observe(v) for v in (9.0, 9.0, 9.0, 8.0, 9.0)] == pytest.approx([0.1, 0.1, 0.1, 0.2, 0.2])
    assert [change.t for change in schedule.history] == [2, 4]


def test_a_final_decay_falls_from_where_the_schedule_stands():
    schedule = FinalDecay(GreedyLR(0.1, factor=0.5, patience=1), share=0.5)
    schedule.plan(8)
    rates = [schedule.rate(0), *(schedule.observe(-float(i)) for i in range(7))]
    assert rates == pytest.approx([0.1, 0.1, 0.2, 0.2, 0.3, 0.2, 0.1, 0.0])
    assert schedule.history[-1].why == "final decay over the last 4 steps"
    assert schedule.rate(1) == 0.1


def test_a_final_decay_needs_the_number_of_steps():
    with pytest.raises(ConfigError, match="n_steps"):
        FinalDecay(Constant(0.1)).rate(0)
    assert FinalDecay(Constant(0.1), n_steps=10).rate(9) == 0.0


@pytest.mark.parametrize("around", [lambda s: Warmup(s, 2), lambda s: FinalDecay(s, n_steps=5)])
def test_only_schedules_are_taken(around):
    with pytest.raises(ConfigError, match="expected a schedule"):
        around(0.1)
