"""Fewer marks: real points of a curve, and bins of rounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from treedebug.pictures.picture import Floats, Ints

MOST_POINTS = 500
"""Marks of one curve."""
MOST_BINS = 200
"""Bins of rounds in which numbers are summed up."""


def thinned(values: Floats, *, most: int = MOST_POINTS, keep: tuple[int, ...] = ()) -> Ints:
    """Return the positions of at most about `most` points that show the curve: of each part the lowest and the highest.

    The first, the last and those in `keep` are among them.
    """
    n = len(values)
    if n <= most:
        return np.arange(n, dtype=np.int64)
    edges = np.linspace(0, n, max(most // 2, 1) + 1).astype(np.int64)
    finite = np.isfinite(values)
    low, high = np.where(finite, values, np.inf), np.where(finite, values, -np.inf)
    parts = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    chosen = {0, n - 1, *(k for k in keep if 0 <= k < n)}
    chosen.update(a + int(low[a:b].argmin()) for a, b in parts)
    chosen.update(a + int(high[a:b].argmax()) for a, b in parts)
    return np.array(sorted(chosen), dtype=np.int64)


def evenly(n: int, most: int) -> Ints:
    """Return at most `most` positions of `n`, evenly spaced, the first and the last among them."""
    if n <= most:
        return np.arange(n, dtype=np.int64)
    return np.unique(np.linspace(0, n - 1, most).round().astype(np.int64))


def round_bins(n_rounds: int, *, start: int = 0, most: int = MOST_BINS) -> Ints:
    """Return the edges (n_bins + 1,) of bins of equally many rounds, whole rounds each, from `start` to `n_rounds`."""
    width = max(1, -(-(n_rounds - start) // most))
    return np.unique(np.append(np.arange(start, n_rounds, width, dtype=np.int64), n_rounds))


def bin_means(values: Floats, position: NDArray[np.int64], n_bins: int) -> Floats:
    """Return (n_bins,) the mean of the values in each bin; NaN for an empty one."""
    count = np.bincount(position, minlength=n_bins)[:n_bins]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.bincount(position, values, n_bins)[:n_bins] / count)
