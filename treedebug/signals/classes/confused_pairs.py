"""Confusion between two classes, whatever their shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.class_log import ClassRecord

Test = Callable[[ClassRecord], NDArray[np.bool_]]


def in_all(records: Sequence[ClassRecord], test: Test) -> NDArray[np.bool_]:
    """Return the pairs that pass a test in all records; the last is looked at first, for most often it is enough."""
    found = test(records[-1])
    for record in reversed(records[:-1]):
        found = found & test(record) if found.any() else found
    return found


def separation(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (k, k) for each pair: both hit rates among the rows called one of the two, minus 1.

    0 guesses, 1 is perfect.
    """
    counts = confusion.astype(np.float64)
    hits = np.diag(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = hits[:, None] / (hits[:, None] + counts)
    rate = np.nan_to_num(rate, nan=0.0)
    return np.asarray(rate + rate.T - 1.0)


def both_ways(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (k, k) for each pair: the smaller of the two shares of a class that is called the other."""
    counts = confusion.astype(np.float64)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    return np.asarray(np.minimum(share, share.T))


def mix_ups(confusion: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (k, k) for each pair.

    The rows of either that are called one or the other, and the share of mistakes, first.
    """
    counts = confusion.astype(np.float64)
    hits, wrong = np.diag(counts), counts + counts.T
    rows = hits[:, None] + hits[None, :] + wrong
    return np.asarray(wrong / np.maximum(rows, 1.0)), rows


def standing_out(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (k, k) by how many standard errors a pair is mixed up more than the worst of all other pairs.

    0 for k < 3.
    """
    k = len(confusion)
    found = np.zeros((k, k))
    if k < 3:  # with two classes there is no other pair
        return found
    share, rows = mix_ups(confusion)
    a, b = np.triu_indices(k, 1)
    pairs, n = share[a, b], rows[a, b]
    order = np.argsort(-pairs, kind="stable")
    rival = np.where(np.arange(len(pairs)) == order[0], order[1], order[0])
    rate = (pairs * n + 1.0) / (n + 2.0)  # Laplace: no certainty from few rows
    variance = rate * (1.0 - rate) / (n + 2.0)
    found[a, b] = (pairs - pairs[rival]) / np.sqrt(variance + variance[rival])
    return found
