"""How many rows repeat an earlier one by chance: where columns have few values, or not at all."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from treedebug.core.data.column_profile import ColumnProfile
from treedebug.core.data.table_profile import DataProfile, Repeats

_SURE = 1e-3
_EXACT = 1000.0
_FREEDOM = 0.5
"""Columns hang together: one more multiplies the combinations that turn up by about this power of what it allows. On
parts of Adult, Abalone, Iris and Mushroom with few columns, the share expected so is 0.5 to 1.5 times what repeats."""


def expected_repeats(profile: DataProfile, *, without: Sequence[str] = ()) -> float:
    """Share of rows that repeat an earlier one if rows fall at random on the combinations that the columns allow.

    A column alone allows exp(H) equally frequent values, with H its entropy.
    """
    n = profile.n_rows
    features = [c for c in profile.columns if c.name not in without]
    columns = [*features, *([profile.label.column] if profile.label else [])]
    most = np.log(max(n, 1)) + 12.0  # beyond it, nothing repeats by chance
    largest = total = combinations = 0.0
    for column in columns:
        entropy = _entropy(column)
        largest, total = max(largest, entropy), total + entropy
        combinations = (1.0 - _FREEDOM) * largest + _FREEDOM * total
        if n < 2 or combinations > most:
            return 0.0
    cells = float(np.exp(combinations))
    return max(1.0 - cells / n * (1.0 - float(np.exp(-n / cells))), 0.0)


def _entropy(column: ColumnProfile) -> float:
    """Return the entropy of a column in nats.

    A missing value is a value, and those not listed are taken as equally frequent.
    """
    counts = np.array([*(v.count for v in column.top_values), column.n_missing], dtype=np.float64)
    shares = counts[counts > 0] / max(column.n_rows, 1)
    rest = 1.0 - float(shares.sum())
    rare = max(column.n_distinct - len(column.top_values), 1)
    others = -rest * float(np.log(rest / rare)) if rest > 0 else 0.0
    return others - float((shares * np.log(shares)).sum())


def chance_repeats(profile: DataProfile, repeats: Repeats) -> float:
    """Return the share of rows that repeat an earlier one by chance; 0 where chance makes other groups of rows."""
    return 0.0 if are_copies(repeats) else expected_repeats(profile, without=repeats.without)


def are_copies(repeats: Repeats) -> bool:
    """Return whether so many rows stand there twice and so few three times that it was not chance.

    Rows that fall at random on combinations, however unequal these are, make groups of k rows in numbers f(k) with
    (2 f(2))**2 <= f(1) * 6 f(3), on average (Cauchy and Schwarz, on the rates).
    """
    surely = repeats.n_twice - 2.0 * math.sqrt(repeats.n_twice)
    if surely <= 0.0:
        return False
    least = 2.0 / 3.0 * surely**2 / max(repeats.n_once, 1)
    return _poisson_at_most(repeats.n_thrice, least) < _SURE


def _poisson_at_most(n: int, mean: float) -> float:
    """Return the probability of `n` or fewer (of thousands: by the normal distribution)."""
    if mean > _EXACT:
        return 0.5 * math.erfc((mean - n - 0.5) / math.sqrt(2.0 * mean))
    if n >= mean:
        return 1.0
    return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(n + 1))
