"""The loss an experiment is judged by: log loss of classes, squared error of numbers, or the user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.core.row_scores import log_losses

Floats = NDArray[np.float64]
Loss = Callable[[Floats, Floats], float]
"""Of (y, prediction); lower is better."""
_TINY = 1e-15


def as_labels(y: Any, name: str = "y") -> tuple[Floats, int]:
    """Return labels as numbers with the number of classes, 0 for a regression.

    Whole numbers, texts and truth values with at most 20 kinds are classes. Raise ConfigError for missing labels.
    """
    values = np.asarray(y)
    if values.ndim > 1 and values.shape[1] == 1:
        values = values[:, 0]
    if values.dtype.kind in "OUSb":
        kinds, codes = np.unique(values.astype(str), return_inverse=True)
        return codes.astype(np.float64), len(kinds)
    numbers = values.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ConfigError(
            f"{name} has {int((~np.isfinite(numbers)).sum())} missing or infinite labels: remove the rows"
        )
    kinds = np.unique(numbers)
    whole = len(kinds) <= 20 and bool((kinds == np.round(kinds)).all()) and kinds[0] == 0
    return numbers, len(kinds) if whole and len(kinds) > 1 else 0


def loss_of(name: str | Loss | None, n_classes: int) -> tuple[str, Loss]:
    """Return a loss with its name: "log loss" of classes and "squared error" of numbers by default."""
    if callable(name):
        return getattr(name, "__name__", "your loss"), name
    known: dict[str, Loss] = {"log loss": _log_loss, "squared error": _squared_error, "error rate": _error_rate}
    chosen = name or ("log loss" if n_classes else "squared error")
    if chosen not in known:
        raise ConfigError(f"loss is one of {', '.join(known)}, or a function of (y, prediction); got {name!r}")
    return chosen, known[chosen]


def _log_loss(y: Floats, p: Floats) -> float:
    return float(log_losses(y, p, _TINY).mean())


def _squared_error(y: Floats, p: Floats) -> float:
    return float(((y - p) ** 2).mean())


def _error_rate(y: Floats, p: Floats) -> float:
    guess = p.argmax(axis=1) if p.ndim > 1 else (p > 0.5).astype(np.float64)
    return float((guess != y).mean())
