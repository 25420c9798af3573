"""What is known of a metric besides its direction: its perfect value, how coarse it is, what a constant scores."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.run_data import Header

_ZERO = (
    "rmse", "rmsle", "mae", "mape", "mphe", "logloss", "error", "merror", "mlogloss", "l1", "l2", "mse", "huber",
    "fair", "quantile", "expectile", "binary_logloss", "binary_error", "multi_logloss", "multi_error",
    "kullback_leibler", "kldiv", "gamma_deviance", "gamma-deviance",
)  # fmt: skip
_ONE = (
    "auc", "aucpr", "pre", "precision", "ndcg", "map", "mean_average_precision", "average_precision", "auc_mu",
    "accuracy", "acc", "f1", "recall", "r2", "cindex", "kappa", "mcc",
)  # fmt: skip
LOGLOSSES = ("logloss", "binary_logloss", "mlogloss", "multi_logloss", "cross_entropy")
_RANKING = ("auc", "aucpr", "average_precision", "auc_mu", "f1", "recall", "precision")
_COARSE = ("error", "merror", "binary_error", "multi_error", "accuracy", "acc", "balanced_accuracy")


def base_name(metric: str) -> str:
    """Return the metric without its argument: `error@0.7` is `error`."""
    return metric.lower().split("@")[0].split(":")[0].rstrip("-")


def perfect_value(metric: str) -> float | None:
    """Return the value of a perfect model, in the metric's own sense; None where there is no such bound."""
    base = base_name(metric)
    if base in _ZERO:
        return 0.0
    return 1.0 if base in _ONE else None


def standard_name(header: Header, metric: str) -> str:
    """Return the usual name of a metric that a recorder knows by another, such as the `loss` of a network."""
    return str((header.extra.get("metrics") or {}).get(metric, metric))


def power(metric: str) -> float:
    """Return what a metric is raised to before shares of it mean shares of the loss.

    2 for roots, whose squares add up.
    """
    return 2.0 if base_name(metric) in ("rmse", "rmsle") else 1.0


def is_coarse(metric: str) -> bool:
    """Return whether the metric counts right and wrong rows only, and so may stand still while the model learns."""
    return base_name(metric) in _COARSE


def sampling_error(header: Header, dataset: str, metric: str, value: float) -> float:
    """Return the standard error of a share of wrong or right rows, from the number of rows.

    0 for other metrics or if unknown.
    """
    n_rows = header.data.get(dataset, {}).get("n_rows")
    if not n_rows or not is_coarse(metric) or not 0.0 <= value <= 1.0:
        return 0.0
    return math.sqrt(max(value * (1.0 - value), 1.0 / n_rows) / n_rows)


def rows_behind(header: Header, dataset: str, metric: str) -> float:
    """Return rows that decide what a metric is: all, but twice the rarest class where it ranks; 0 if unknown."""
    facts = header.data.get(dataset, {})
    n_rows, counts = float(facts.get("n_rows") or 0), class_counts(facts.get("label"))
    if base_name(metric) not in _RANKING or counts is None or not (counts > 0).any():
        return n_rows
    return min(n_rows, 2.0 * float(counts[counts > 0].min()))


def class_counts(label: dict[str, Any] | None) -> NDArray[np.float64] | None:
    """Return (n_classes,) rows per class of a label summary; None if it is not one of classes."""
    return _numbers(label, "counts")


def class_weights(label: dict[str, Any] | None) -> NDArray[np.float64] | None:
    """Return (n_classes,) summed weight per class of a label summary; None where not recorded."""
    return _numbers(label, "weighted")


def odds_factor(share: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the odds of shares over those of others, or the other way round if that is more.

    1 or more, element by element.

    1 where one of the two is 0 or 1 from the start (a class of no rows, or of all).
    """
    p, base = np.clip(share, 1e-12, 1.0 - 1e-12), np.clip(other, 1e-12, 1.0 - 1e-12)
    ratio = p * (1.0 - base) / ((1.0 - p) * base)
    return np.asarray(np.where((other > 0.0) & (other < 1.0), np.maximum(ratio, 1.0 / ratio), 1.0))


def _numbers(label: dict[str, Any] | None, name: str) -> NDArray[np.float64] | None:
    if not label or label.get("kind") != "classes" or not label.get(name):
        return None
    values = label[name]
    return np.array(list(values.values()) if isinstance(values, dict) else values, dtype=np.float64)


def constant_score(header: Header, dataset: str, metric: str) -> float | None:
    """Return what the best constant prediction scores on a dataset, from its label summary, if known."""
    label, base = header.data.get(dataset, {}).get("label") or {}, base_name(standard_name(header, metric))
    spread = label.get("std")
    if isinstance(spread, int | float):
        return {"rmse": float(spread), "l2": float(spread) ** 2, "mse": float(spread) ** 2}.get(base)
    counts = class_counts(label)
    if counts is None or not counts.sum() > 0:
        return None
    return _constant_of_classes(base, [float(c) for c in counts[counts > 0] / counts.sum()])


def _constant_of_classes(base: str, shares: list[float]) -> float | None:
    if base in ("logloss", "binary_logloss", "mlogloss", "multi_logloss"):
        return -sum(s * math.log(s) for s in shares)
    if base in ("error", "binary_error", "merror", "multi_error"):
        return 1.0 - max(shares)
    if base in ("accuracy", "acc"):
        return max(shares)
    if base == "auc":
        return 0.5
    return 1.0 / max(len(shares), 1) if base == "auc_mu" else None
