import pytest
from scipy import stats

from treedebug.signals.data.binomial_tail import binomial_tail


@pytest.mark.parametrize(
    ("k", "n", "rate"), [(1, 1, 0.3), (5, 5, 0.33), (60, 70, 0.66), (0, 9, 0.1), (2100, 6000, 0.33)]
)
def test_binomial(k, n, rate):
    assert binomial_tail(k, n, rate) == pytest.approx(stats.binom.sf(k - 1, n, rate), rel=0.1)


def test_the_ends():
    assert (binomial_tail(3, 2, 0.5), binomial_tail(1, 9, 0.0), binomial_tail(9, 9, 1.0)) == (0.0, 0.0, 1.0)
