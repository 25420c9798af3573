"""Confusion between two classes, whatever their shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def separation(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """(k, k) for each pair: both hit rates among the rows called one of the two, minus 1. 0 guesses, 1 is perfect."""
    counts = confusion.astype(np.float64)
    hits = np.diag(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = hits[:, None] / (hits[:, None] + counts)
    rate = np.nan_to_num(rate, nan=0.0)
    return np.asarray(rate + rate.T - 1.0)


def both_ways(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """(k, k) for each pair: the smaller of the two shares of a class that is called the other."""
    counts = confusion.astype(np.float64)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    return np.asarray(np.minimum(share, share.T))
