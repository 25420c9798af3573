"""Rounds fixed by number."""

from __future__ import annotations

import itertools

import pytest

from treedebug.core.run.round_schedule import check_rounds, is_check_round, is_class_round


def test_the_first_checks():
    assert list(check_rounds(120)) == [1, 10, 20, 40, 80]


def test_one_check_before_the_tenth_round():
    assert [list(check_rounds(n)) for n in (-1, 0, 1, 9, 10)] == [[], [], [1], [1], [1, 10]]
    assert not is_check_round(0)
    assert not is_check_round(-10)


def test_checks_grow_with_the_logarithm():
    found = list(check_rounds(100_000))
    assert len(found) < 20
    assert all(b == 2 * a for a, b in itertools.pairwise(found[1:]))


def test_slow_rounds_are_looked_at_more_often_at_first():
    assert list(check_rounds(90, slow=True)) == [*range(1, 11), 12, 14, 16, 18, 20, 24, 28, 32, 36, 40, 60, 80]
    assert set(check_rounds(5000)) <= set(check_rounds(5000, slow=True))
    assert not is_check_round(0, slow=True)
    assert not is_check_round(-4, slow=True)


@pytest.mark.parametrize("n", [5, 1000, 12_345])
def test_check_rounds_are_the_check_rounds(n):
    assert list(check_rounds(n)) == [k for k in range(n + 1) if is_check_round(k)]


def test_every_check_has_fresh_class_balance():
    assert all(is_class_round(n - 1) for n in check_rounds(50_000))


def test_class_rounds():
    late = [r + 1 for r in range(90, 500) if is_class_round(r)]
    assert late == [100, 120, 140, 160, 180, 200, 240, 280, 320, 360, 400, 480]
    assert [r for r in range(45) if is_class_round(r)] == [*range(5), 9, 19, 39]
    assert [r for r in range(10) if is_class_round(r, every=4)] == [3, 7]
    assert all(is_class_round(r, every=1) for r in range(20))
