"""Labels and predictions of a batch, whatever shape the user or the loss has them in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nn_bridge.capture.output_numbers import on_cpu

MAX_CLASSES = 1000
_VECTOR = 2
_EVEN_ODDS = 0.5


def to_numpy(values: Any) -> NDArray[Any]:
    """Return a tensor, array or list as numpy. Raise ValueError if it does not hold numbers."""
    array = np.asarray(on_cpu(values) if isinstance(values, torch.Tensor) else values)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"expected outputs and targets in numbers; got {array.dtype.name}")
    return array


def confusion(outputs: Any, targets: Any) -> tuple[NDArray[np.int64], NDArray[np.float64] | None]:
    """Count rows by label (down) and prediction (across), and sum the probabilities of each class where known.

    `outputs`: (n, k) scores or probabilities (or (n, k, ...) as for pixels), (n,) or (n, 1) scores of two classes, or
    predicted classes as whole numbers. `targets`: classes, or (n, k) of which the largest counts. Raises ValueError.
    """
    given, labels = to_numpy(outputs), to_numpy(targets)
    predicted, probability = _predicted(given)
    labels = _labels(labels, given)
    if predicted.shape != labels.shape:
        raise ValueError(f"expected a target for each row of outputs; got {labels.size} for outputs of {given.shape}")
    if labels.size and labels.min() < 0:  # ignore_index
        keep = labels >= 0
        labels, predicted = labels[keep], predicted[keep]
        probability = None if probability is None else probability[keep]
    least = 1 if probability is None else probability.shape[1] - 1
    k = int(max(labels.max(initial=0), predicted.max(initial=0), least)) + 1
    if probability is not None and k > probability.shape[1]:
        raise ValueError(f"there is a target of class {k - 1}, but outputs for {probability.shape[1]} classes, from 0")
    if k > MAX_CLASSES:
        raise ValueError(f"{k} classes; at most {MAX_CLASSES} are counted")
    counts = np.bincount(labels * k + predicted, minlength=k * k).reshape(k, k)
    return counts, None if probability is None else probability.sum(axis=0, dtype=np.float64)


def _predicted(given: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any] | None]:
    if given.ndim >= _VECTOR and given.shape[1] > 1:
        scores = given if given.ndim == _VECTOR else np.moveaxis(given, 1, -1).reshape(-1, given.shape[1])
        return scores.argmax(axis=1), _probabilities(scores)
    line = given.reshape(-1)
    if line.dtype.kind in "iub":
        return line.astype(np.int64), None
    line = line.astype(np.float64)
    is_probability = bool(len(line)) and line.min() >= 0.0 and line.max() <= 1.0
    with np.errstate(all="ignore"):
        share = line if is_probability else 1.0 / (1.0 + np.exp(-line))
    return (share > _EVEN_ODDS).astype(np.int64), np.stack([1.0 - share, share], axis=1)


def _probabilities(scores: NDArray[Any]) -> NDArray[Any]:
    """Return probabilities as they are, and other scores, logarithms included, through a softmax."""
    if scores.size and scores.min() >= 0.0:
        with np.errstate(all="ignore"):
            if np.allclose(scores.sum(axis=1), 1.0, atol=1e-3):
                return scores
    wide = np.array(scores, np.float32 if scores.dtype == np.float32 else np.float64)
    return np.asarray(torch.softmax(torch.from_numpy(wide), 1))


def _labels(labels: NDArray[Any], given: NDArray[Any]) -> NDArray[np.int64]:
    if labels.ndim >= _VECTOR and labels.shape == given.shape and labels.shape[1] > 1:
        rows = np.moveaxis(labels, 1, -1).reshape(-1, labels.shape[1])
        return np.asarray(rows.argmax(axis=1), dtype=np.int64)
    line = labels.reshape(-1)
    whole = line.astype(np.int64, copy=False)
    if line.dtype.kind == "f" and not np.array_equal(whole, line):
        raise ValueError("targets must be classes, whole numbers from 0; got fractions")
    return whole


def label_entropy(targets: Any) -> float:
    """Return the entropy of a batch's classes, in nats; of scores the largest of a row, of a single one above 0.5."""
    given = to_numpy(targets)
    if given.dtype.kind == "f":
        is_rows = given.ndim >= _VECTOR and given.shape[1] > 1
        given = given.argmax(axis=1) if is_rows else given > _EVEN_ODDS  # smoothed labels are fractions
    labels = given
    whole = labels.reshape(-1).astype(np.int64, copy=False)
    if len(whole) and (whole.min() < 0 or whole.max() >= MAX_CLASSES):
        whole = whole[(whole >= 0) & (whole < MAX_CLASSES)]
    counts: list[int] = np.bincount(whole).tolist()  # few: numpy's calls cost more
    total = max(len(whole), 1)
    return math.log(total) - sum(n * math.log(n) for n in counts if n) / total
