"""What a kernel on a few rows says: how far it moved, how it lies to the labels, what a linear model on it can do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_RIDGE = 1e-3
"""Of the kernel's mean diagonal."""
_TINY = 1e-300


def distance(one: Floats, other: Floats) -> float:
    """Return 1 - cos of the angle between two kernels (n, n): 0 for multiples of each other (Fort et al., 2020)."""
    scale = float(np.linalg.norm(one) * np.linalg.norm(other))
    return max(1.0 - float((one * other).sum()) / max(scale, _TINY), 0.0)


def alignment(kernel: Floats, targets: Floats) -> float:
    """Return <K, Y Y'> / (|K| |Y Y'|) of the centred kernel (n, n) and targets (n, k): 1 where they are the same."""
    k, y = _centred(_centred(kernel).T), targets - targets.mean(axis=0)
    scale = float(np.linalg.norm(k) * np.linalg.norm(y.T @ y))
    return float((k * (y @ y.T)).sum()) / max(scale, _TINY)


def effective_rank(kernel: Floats) -> float:
    """Return exp of the entropy of the eigenvalues' shares: n for n equal ones, 1 for a single one."""
    values = np.clip(np.linalg.eigvalsh(kernel), 0.0, None)
    shares = values / max(float(values.sum()), _TINY)
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def ridge_score(kernel: Floats, targets: Floats, *, classes: bool) -> float:
    """Return how well ridge regression on the kernel predicts each row from all others.

    The share of rows whose largest output is their class, or R2 of amounts. Leaving each row out in turn is exact and
    costs one inverse.
    """
    n, size = len(kernel), float(np.trace(kernel)) / len(kernel)
    inverse = np.linalg.inv(kernel + size * (1.0 + _RIDGE * np.eye(n)))  # the constant stands for an intercept
    predicted = targets - (inverse @ targets) / np.diag(inverse)[:, None]
    if classes:
        return float((predicted.argmax(axis=1) == targets.argmax(axis=1)).mean())
    return r2(predicted, targets)


def r2(predicted: Floats, truth: Floats) -> float:
    """Return 1 - squared error over squared deviation from the columns' means; arrays (n, k)."""
    spread = float(((truth - truth.mean(axis=0)) ** 2).sum())
    return 1.0 - float(((predicted - truth) ** 2).sum()) / max(spread, _TINY)


def _centred(kernel: Floats) -> Floats:
    centred: Floats = kernel - kernel.mean(axis=0)
    return centred
