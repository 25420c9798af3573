"""What chance alone gives: tail probabilities, in plain floats, accurate enough to compare with a threshold."""

from __future__ import annotations

import math

_TERMS = 100


def normal_tail(z: float) -> float:
    """Probability of a standard normal at least this far from 0, on either side."""
    return math.erfc(abs(z) / math.sqrt(2.0))


def chi_square_tail(value: float, n_free: int) -> float:
    """Probability of a chi-square with `n_free` degrees of freedom over `value`.

    By the cube root, which is close to normal (Wilson and Hilferty 1931); to a third of its value, far out too.
    """
    if n_free < 1 or value <= 0:
        return 1.0
    spread = 2.0 / (9.0 * n_free)
    z = ((value / n_free) ** (1.0 / 3.0) - (1.0 - spread)) / math.sqrt(spread)
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def kolmogorov_tail(distance: float, n: float, m: float) -> float:
    """Probability that two samples of `n` and `m` of one distribution lie this far apart in their cumulated shares.

    The asymptotic series with Stephens' correction for small samples (1970).
    """
    if n <= 0 or m <= 0:
        return 1.0
    root = math.sqrt(n * m / (n + m))
    x = (root + 0.12 + 0.11 / root) * distance
    if x < 0.2:  # noqa: PLR2004 - the series converges slowly there, and its sum is 1 to twelve digits
        return 1.0
    total: float = sum((-1) ** (k - 1) * math.exp(-2.0 * (k * x) ** 2) for k in range(1, _TERMS))
    return min(max(2.0 * total, 0.0), 1.0)


def shares_tail(a: float, n: float, b: float, m: float) -> float:
    """Probability that two shares of one rate, `a` of `n` rows and `b` of `m` rows, differ as much (pooled z)."""
    if n <= 0 or m <= 0:
        return 1.0
    pooled = (a * n + b * m) / (n + m)
    error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m))
    return normal_tail((a - b) / error) if error > 0 else 1.0
