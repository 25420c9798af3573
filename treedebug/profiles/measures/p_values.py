"""Probabilities of a difference as large by chance: Kolmogorov-Smirnov and chi-square, without scipy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_TINY = 1e-300
_STEPS = 500


def kolmogorov(distance: float, n: int, m: int) -> float:
    """Of a distance as large between samples of `n` and `m` rows of one distribution (asymptotic; Stephens 1970)."""
    if not n or not m:
        return math.nan
    root = math.sqrt(n * m / (n + m))
    t = (root + 0.12 + 0.11 / root) * distance
    if t < 0.2:  # the series does not converge there, and the probability is 1
        return 1.0
    total: float = sum((-1) ** (k - 1) * math.exp(-2.0 * (k * t) ** 2) for k in range(1, 101))
    return min(max(2.0 * total, 0.0), 1.0)


def chi_square(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Of counts (k,) and (k,) as different if both come from one distribution; rare categories are put together."""
    total = first + second
    if not first.sum() or not second.sum():
        return math.nan
    share = min(first.sum(), second.sum()) / total.sum()
    rare = total * share < 5  # Cochran's rule
    a = np.append(first[~rare], first[rare].sum())
    b = np.append(second[~rare], second[rare].sum())
    both = a + b
    a, b, both = a[both > 0], b[both > 0], both[both > 0]
    expected_a, expected_b = both * a.sum() / both.sum(), both * b.sum() / both.sum()
    statistic = float(((a - expected_a) ** 2 / expected_a + (b - expected_b) ** 2 / expected_b).sum())
    return chi_square_tail(statistic, len(both) - 1)


def chi_square_tail(statistic: float, freedom: int) -> float:
    """P(X >= statistic) with `freedom` degrees: the upper incomplete gamma function (Numerical Recipes, 6.2)."""
    if freedom < 1 or statistic <= 0:
        return 1.0
    a, x = freedom / 2.0, statistic / 2.0
    front = math.exp(min(-x + a * math.log(x) - math.lgamma(a), 0.0))
    if x < a + 1.0:
        term = total = 1.0 / a
        for k in range(1, _STEPS):
            term *= x / (a + k)
            total += term
            if term < total * 1e-15:
                break
        return min(max(1.0 - front * total, 0.0), 1.0)
    b = x + 1.0 - a
    c, d = 1.0 / _TINY, 1.0 / b
    h = d
    for k in range(1, _STEPS):
        factor = -k * (k - a)
        b += 2.0
        d = 1.0 / (factor * d + b or _TINY)
        c = b + factor / c or _TINY
        h *= d * c
        if abs(d * c - 1.0) < 1e-14:  # as exact as floats are
            break
    return min(max(front * h, 0.0), 1.0)
