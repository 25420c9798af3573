"""The usual metrics, for replaying: label and prediction in, one number out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.readers.facts import ModelFacts

Floats = NDArray[np.floating[Any]]
_TINY = 1e-16


def _logloss(y: Floats, p: Floats) -> float:
    p = np.clip(p, _TINY, 1 - _TINY)
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())


def _mlogloss(y: Floats, p: Floats) -> float:
    return float(-np.log(np.clip(p[np.arange(len(y)), y.astype(np.int64)], _TINY, None)).mean())


def _merror(y: Floats, p: Floats) -> float:
    return float(((p.argmax(axis=1) if p.ndim > 1 else p) != y).mean())


def _auc(y: Floats, p: Floats) -> float:
    """Area under the ROC curve by ranks, ties shared (Mann and Whitney 1947); NaN with one class alone."""
    positive = y > 0
    n_positive = int(positive.sum())
    n_negative = len(y) - n_positive
    if not n_positive or not n_negative:
        return float("nan")
    values, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


METRICS: dict[str, Callable[[Floats, Floats], float]] = {
    "logloss": _logloss,
    "error": lambda y, p: float(((p > 0.5) != (y > 0.5)).mean()),
    "auc": _auc,
    "mlogloss": _mlogloss,
    "merror": _merror,
    "rmse": lambda y, p: float(np.sqrt(((y - p) ** 2).mean())),
    "mae": lambda y, p: float(np.abs(y - p).mean()),
}


def named_metric(name: str) -> Callable[[Floats, Floats], float]:
    """A metric by name. Raises ConfigError with a suggestion."""
    if name not in METRICS:
        raise ConfigError(
            f"replay knows the metrics {', '.join(METRICS)}; got {name!r}.{did_you_mean(name, METRICS)} "
            "Pass your own as metrics={'name': function(y, prediction)}."
        )
    return METRICS[name]


def default_metrics(facts: ModelFacts) -> tuple[str, ...]:
    """What one would look at for the objective."""
    if facts.objective == "multi:softmax":
        return ("merror",)
    if facts.n_classes > 2:  # noqa: PLR2004 - more than two classes
        return ("mlogloss", "merror")
    if facts.n_classes == 2:  # noqa: PLR2004 - two classes
        return ("logloss", "error", "auc")
    return ("rmse", "mae") if facts.n_outputs == 1 else ()
