"""Class balance of one dataset: labels counted once, predictions at each scheduled round."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from treedebug.core.run.class_log import ClassRecord

_PROBABILITY_ROWS = 10_000
"""Mean probabilities are taken over about this many rows, evenly spaced: exact enough, and free at any size."""
_MOST_CLASSES = 1000
_N_QUANTILES = 65


def label_summary(label: ArrayLike | None, weight: ArrayLike | None, n_classes: int) -> dict[str, Any] | None:
    """The label summary of a run's header (see `Header.data`); None without labels."""
    if label is None:
        return None
    values = np.asarray(label, dtype=np.float64)
    if values.size == 0:
        return None
    weights = None if weight is None else np.asarray(weight, dtype=np.float64)
    if n_classes and values.ndim == 1 and are_classes(values, n_classes):
        index = values.astype(np.int64)
        counts = np.bincount(index, minlength=n_classes)
        summary: dict[str, Any] = {"kind": "classes", "counts": counts.tolist()}
        if weights is not None and weights.shape == values.shape:
            summary["weighted"] = np.bincount(index, weights, n_classes).tolist()
        return summary
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return {"kind": "numbers", "n_missing": int(values.size)}
    summary = {
        "kind": "numbers",
        "quantiles": _quantiles(finite),
        "mean": float(finite.mean()),
        "std": float(finite.std()),
        "minimum": float(finite.min()),
        "maximum": float(finite.max()),
        "n_missing": int(values.size - finite.size),
    }
    n_distinct = _few_whole(finite)
    return summary if n_distinct is None else {**summary, "n_distinct": n_distinct}


def _quantiles(values: NDArray[np.float64]) -> list[float]:
    """The sixty-fourths of the values, from the least to the largest, of about 10,000 evenly spaced ones."""
    some = np.sort(values[:: max(1, len(values) // _PROBABILITY_ROWS)])
    return [float(v) for v in some[np.linspace(0, len(some) - 1, _N_QUANTILES).round().astype(np.int64)]]


def _few_whole(values: NDArray[np.float64]) -> int | None:
    """How many different values there are, if all are whole numbers from 0 to 999; else None."""
    if values.min() < 0 or values.max() >= _MOST_CLASSES or (values != np.floor(values)).any():
        return None
    return int(np.count_nonzero(np.bincount(values.astype(np.int64))))


def are_classes(values: NDArray[np.float64], n_classes: int) -> bool:
    """Return whether all labels are whole numbers from 0 to n_classes - 1."""
    return bool(
        np.isfinite(values).all()
        and values.min() >= 0
        and values.max() < n_classes
        and (values == np.floor(values)).all()
    )


class ClassMeter:
    """Counts predictions against labels. Raises ValueError if the labels are not classes 0 .. n_classes - 1."""

    def __init__(self, dataset: str, label: ArrayLike, weight: ArrayLike | None, n_classes: int) -> None:
        values = np.asarray(label, dtype=np.float64)
        if values.ndim != 1 or not are_classes(values, n_classes):
            raise ValueError(
                f"class balance of {dataset!r} is not recorded: expected one label a row, whole numbers from 0 to "
                f"{n_classes - 1}"
            )
        self.dataset = dataset
        self.n_classes = n_classes
        self._label = values.astype(np.int64)
        self._positive = self._label == 1
        self._stride = max(1, len(values) // _PROBABILITY_ROWS)
        weights = None if weight is None else np.asarray(weight, dtype=np.float64)
        if weights is None or weights.shape != values.shape:
            weights = np.ones(len(values))
        self._weight = np.bincount(self._label, weights, n_classes).astype(np.float64)

    def measure(self, round_index: int, scores: NDArray[Any], *, scale: str) -> ClassRecord:
        """The record of one round; `scores` (n_rows,) or (n_rows, n_classes), `scale` "margin" or "probability"."""
        if len(scores) != len(self._label):
            raise ValueError(
                f"class balance of {self.dataset!r}: {len(self._label)} labels but {len(scores)} predictions"
            )
        if scores.ndim == 1:
            return self._binary(round_index, scores, scale)
        predicted = scores.argmax(axis=1)
        confusion = np.bincount(self._label * self.n_classes + predicted, minlength=self.n_classes**2).reshape(
            self.n_classes, self.n_classes
        )
        some = np.asarray(scores[:: self._stride], dtype=np.float64)
        if scale == "margin":
            some = np.exp(some - some.max(axis=1, keepdims=True))
            some /= some.sum(axis=1, keepdims=True)
        return ClassRecord(round_index, self.dataset, confusion, self._weight, some.mean(axis=0))

    def _binary(self, round_index: int, scores: NDArray[Any], scale: str) -> ClassRecord:
        predicted = scores > (0.0 if scale == "margin" else 0.5)
        both = int(np.count_nonzero(predicted & self._positive))
        said, are = int(np.count_nonzero(predicted)), int(np.count_nonzero(self._positive))
        n = len(self._label)
        confusion = np.array([[n - are - said + both, said - both], [are - both, both]], dtype=np.int64)
        some = np.asarray(scores[:: self._stride], dtype=np.float64)
        if scale == "margin":
            some = 1.0 / (1.0 + np.exp(-np.clip(some, -700, 700)))
        mean = float(some.mean()) if len(some) else np.nan
        return ClassRecord(round_index, self.dataset, confusion, self._weight, np.array([1.0 - mean, mean]))
