"""The usual metrics, for replaying: label and prediction in, one number out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.row_scores import log_losses
from treedebug.readers.model_facts import ModelFacts

Floats = NDArray[np.float64]
Score = Callable[[Floats, Floats, Floats], float]
"""Of (label, prediction, weight), each with one entry a row."""
_TINY, _HALF = 1e-16, 0.5


def _mean(values: Floats, weight: Floats) -> float:
    return float((values * weight).sum() / weight.sum())


def _logloss(y: Floats, p: Floats, weight: Floats) -> float:
    return _mean(log_losses(y, p, _TINY), weight)


def _merror(y: Floats, p: Floats, weight: Floats) -> float:
    return _mean(((p.argmax(axis=1) if p.ndim > 1 else p) != y).astype(np.float64), weight)


def _error(y: Floats, p: Floats, weight: Floats) -> float:
    return _mean(((p > _HALF) != (y > _HALF)).astype(np.float64), weight)


def _rmse(y: Floats, p: Floats, weight: Floats) -> float:
    return float(np.sqrt(_mean((y - p) ** 2, weight)))


def _mae(y: Floats, p: Floats, weight: Floats) -> float:
    return _mean(np.abs(y - p), weight)


def _auc(y: Floats, p: Floats, weight: Floats) -> float:
    """Return the area under the ROC curve, ties shared; NaN with one class alone."""
    place = np.unique(p, return_inverse=True)[1]
    positive, negative = np.bincount(place, weight * (y > 0)), np.bincount(place, weight * (y <= 0))
    pairs = positive.sum() * negative.sum()
    if not pairs > 0:
        return float("nan")
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / pairs)


METRICS: dict[str, Score] = {
    "logloss": _logloss,
    "error": _error,
    "auc": _auc,
    "mlogloss": _logloss,
    "merror": _merror,
    "rmse": _rmse,
    "mae": _mae,
}


def named_metric(name: str) -> Score:
    """Return a metric by name. Raise ConfigError with a suggestion."""
    if not isinstance(name, str) or name not in METRICS:
        raise ConfigError(
            f"replay knows the metrics {', '.join(METRICS)}; got {name!r}.{did_you_mean(str(name), METRICS)} "
            "Pass your own as metrics={'name': function(y, prediction)}."
        )
    return METRICS[name]


def default_metrics(facts: ModelFacts) -> tuple[str, ...]:
    """Return the metrics one would watch for the objective."""
    if facts.objective == "multi:softmax":
        return ("merror",)
    if facts.n_classes > 2:  # more than two classes
        return ("mlogloss", "merror")
    if facts.n_classes == 2:  # two classes
        return ("logloss", "error", "auc")
    return ("rmse", "mae") if facts.n_outputs == 1 else ()
