import pytest
from scipy import stats

from treedebug.signals.chance import chi_square_tail, kolmogorov_tail, normal_tail, shares_tail


@pytest.mark.parametrize("z", [0.0, 0.5, -1.96, 4.0, 9.0])
def test_normal(z):
    assert normal_tail(z) == pytest.approx(2 * stats.norm.sf(abs(z)))


@pytest.mark.parametrize(("value", "n_free"), [(0.0, 3), (4.0, 3), (20.0, 3), (60.0, 20), (300.0, 200)])
def test_chi_square(value, n_free):
    assert chi_square_tail(value, n_free) == pytest.approx(stats.chi2.sf(value, n_free), rel=0.35)


@pytest.mark.parametrize(("distance", "n", "m"), [(0.1, 100, 100), (0.2, 80, 400), (0.05, 5000, 1000), (0.5, 20, 30)])
def test_kolmogorov(distance, n, m):
    exact = stats.kstwo.sf(distance, round(n * m / (n + m)))
    assert kolmogorov_tail(distance, n, m) == pytest.approx(exact, rel=0.1)


def test_nothing_is_no_evidence():
    assert kolmogorov_tail(0.0, 100, 100) == 1.0
    assert kolmogorov_tail(0.5, 0, 100) == chi_square_tail(1.0, 0) == shares_tail(0.5, 0, 0.1, 9) == 1.0
    assert shares_tail(0.0, 10, 0.0, 10) == 1.0


def test_shares():
    table = [[30, 70], [10, 90]]
    assert shares_tail(0.3, 100, 0.1, 100) == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
