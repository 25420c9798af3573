import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from treedebug.engine.resolve import Resolver
from treedebug.signals.classes.class_balance import CalledShares, standing
from treedebug.signals.classes.confused_pairs import mix_ups, standing_out
from treedebug.testing import classes

COUNTS = st.integers(2, 5).flatmap(lambda k: arrays(np.int64, (k, k), elements=st.integers(0, 50)))


@given(COUNTS)
def test_mix_ups_against_a_slow_twin(confusion):
    share, rows = mix_ups(confusion)
    for a in range(len(confusion)):
        for b in range(a):
            among = confusion[a, a] + confusion[b, b] + confusion[a, b] + confusion[b, a]
            assert rows[a, b] == rows[b, a] == among
            assert share[a, b] == pytest.approx((confusion[a, b] + confusion[b, a]) / max(among, 1))


@given(COUNTS)
def test_standing_out_against_a_slow_twin(confusion):
    share, rows = mix_ups(confusion)
    pairs = [(a, b) for a in range(len(confusion)) for b in range(a + 1, len(confusion))]
    found = standing_out(confusion)
    if len(confusion) == 2:
        assert not found.any()
        return
    worst = sorted(pairs, key=lambda pair: -share[pair])
    variance = {}
    for pair in pairs:
        rate = (share[pair] * rows[pair] + 1) / (rows[pair] + 2)
        variance[pair] = rate * (1 - rate) / (rows[pair] + 2)
    for pair in pairs:
        rival = worst[1] if pair == worst[0] else worst[0]
        expected = (share[pair] - share[rival]) / math.sqrt(variance[pair] + variance[rival])
        assert found[pair] == pytest.approx(expected)


@given(arrays(np.float64, (7, 2), elements=st.floats(-5, 5)), st.integers(1, 8))
def test_standing_against_a_slow_twin(shift, n):
    found = standing(shift, n)
    for i in range(7):
        for c in range(2):
            last = shift[max(i - n + 1, 0) : i + 1, c].tolist()
            one_side = len(last) == n and (min(last) > 0 or max(last) < 0)
            assert found[i, c] == (min(last, key=abs) if one_side else 0.0)


def test_called_shares_in_check_rounds():
    at = [0, 3, 9, 19]
    run = classes([[[60, 40], [60, 40]]] * 4, dataset="train", rounds_at=at)
    run = classes([[[20, 30], [10, 40]]] * 4, rounds_at=at, run=run)
    called = Resolver(run.at(20, final=True)).get(CalledShares)
    assert called.rounds.tolist() == [0, 9, 19]
    assert called.trained[0] == pytest.approx([0.6, 0.4])
    assert called.validated[0] == pytest.approx([0.3, 0.7])
    assert called.error[0] == pytest.approx(math.sqrt(0.5 * 0.5 * (1 / 200 + 1 / 100)))
