"""What XGBoost's log of evaluations says: the curve that decides, and its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def as_float(value: Any) -> float:
    """The number, or NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def score_at(log: Mapping[str, Mapping[str, Sequence[Any]]], best: int) -> float:
    """The value of the deciding curve at a position; NaN without one. In `cv` values are (mean, std)."""
    history = _deciding(log)
    if not history:
        return float("nan")
    value = history[max(0, min(best, len(history) - 1))]
    return float(value[0] if isinstance(value, tuple) else value)


def _deciding(log: Mapping[str, Mapping[str, Sequence[Any]]]) -> Sequence[Any]:
    """The curve XGBoost's own early stopping watches: the last metric of the last dataset."""
    if not log:
        return ()
    metrics = log[list(log)[-1]]
    return metrics[list(metrics)[-1]] if metrics else ()


def best_of_means(log: Mapping[str, Mapping[str, Sequence[Any]]], best: int | None) -> int | None:
    """In cv the folds are judged one by one but stop together, at one of the rounds they have."""
    n = len(_deciding(log))
    return None if not n else min(best if best is not None else n - 1, n - 1)
