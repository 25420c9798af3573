"""What early stopping would have kept of a curve that was recorded in full."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def records(valid: Floats) -> NDArray[np.int64]:
    """Positions at which the curve (lower is better) stood lower than ever before, the first among them."""
    before = np.concatenate([[np.inf], np.minimum.accumulate(valid)[:-1]])
    return np.flatnonzero(valid < before)


def kept_at(valid: Floats, patience: int) -> tuple[int, int | None]:
    """Return the position that early stopping keeps, and the one it stops at; None if the curve ends first."""
    lows = records(valid)
    ends = np.append(lows[1:], len(valid))
    given_up = np.flatnonzero(ends - lows > patience)
    if not len(given_up):
        return int(lows[-1]), None
    best = int(lows[given_up[0]])
    return best, best + patience


def least_patience(valid: Floats, best: int) -> int:
    """Return the shortest patience that does not end before a position is reached, a record of the curve."""
    lows = records(valid[: best + 1])
    return int(np.diff(lows).max(initial=1))
