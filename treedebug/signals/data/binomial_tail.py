"""What chance alone gives: tail probabilities, in plain floats."""

from __future__ import annotations

import math

_EXACT = 5000


def binomial_tail(successes: int, trials: int, rate: float) -> float:
    """Return the probability of `successes` or more in so many trials (thousands: by the normal distribution)."""
    if successes <= 0 or rate >= 1.0:
        return 1.0
    if successes > trials or rate <= 0.0:
        return 0.0
    if trials > _EXACT:
        z = (successes - 0.5 - trials * rate) / math.sqrt(trials * rate * (1.0 - rate))
        return 0.5 * math.erfc(z / math.sqrt(2.0))
    logs = (
        math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        + k * math.log(rate) + (trials - k) * math.log1p(-rate)
        for k in range(successes, trials + 1)
    )  # fmt: skip
    return min(sum(map(math.exp, logs)), 1.0)
