"""Early stopping on a recorded curve, beside the loop that the libraries run."""

from __future__ import annotations

import numpy as np
import pytest

from treedebug.signals.curves.patience import kept_at, least_patience, records


def looped(valid, patience):
    best = 0
    for i in range(1, len(valid)):
        if valid[i] < valid[best]:
            best = i
        elif i - best >= patience:
            return best, i
    return best, None


@pytest.mark.parametrize("seed", range(20))
def test_it_stops_where_the_loop_does(seed):
    valid = np.round(np.random.default_rng(seed).normal(size=40).cumsum(), 1)
    assert [kept_at(valid, p) for p in range(1, 15)] == [looped(valid, p) for p in range(1, 15)]
    best, needed = int(valid.argmin()), least_patience(valid, int(valid.argmin()))
    assert looped(valid, needed)[0] == best
    assert needed == 1 or looped(valid, needed - 1)[0] != best


def test_by_hand():
    valid = np.array([5.0, 4.0, 4.5, 4.0, 4.2, 3.0, 3.5])
    assert records(valid).tolist() == [0, 1, 5]
    assert kept_at(valid, 3) == (1, 4)
    assert kept_at(valid, 4) == (5, None)
    assert least_patience(valid, 5) == 4
    assert least_patience(valid, 0) == 1
