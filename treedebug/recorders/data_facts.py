"""Facts of a dataset for the header, off the library's own matrices: labels, queries, entries, predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from treedebug.core.run.margin_log import kept_rows
from treedebug.recorders.class_counter import label_summary
from treedebug.recorders.label_digest import label_digest

_SAMPLE_ROWS = 500
"""Validation rows whose predictions are kept at the end, evenly spaced."""


def matrix_facts(matrix: Any, n_classes: int, *, is_training: bool) -> dict[str, Any]:
    """What is known of an XGBoost DMatrix. `present` is the share of its entries that are not missing."""
    n_rows, n_features = int(matrix.num_row()), int(matrix.num_col())
    label, weight = (v if np.size(v) else None for v in (matrix.get_label(), matrix.get_weight()))
    facts: dict[str, Any] = {
        "n_rows": n_rows,
        "n_features": n_features,
        "is_training": is_training,
        "label": _with_spreads(label_summary(label, weight, n_classes), label, n_rows),
        "queries": query_facts(np.diff(matrix.get_uint_info("group_ptr").astype(np.int64)), label, weight),
        "mean_weight": mean_weight(weight),
        "effective_rows": effective_rows(weight),
        "odd_weights": odd_weights(weight),
        "label_digest": label_digest(label),
        "feature_weights": bool(np.size(matrix.get_float_info("feature_weights"))) or None,
        "bounded": bool(np.size(matrix.get_float_info("label_lower_bound"))) or None,
        **start_facts(matrix.get_base_margin()),
    }
    if hasattr(matrix, "num_nonmissing") and n_rows and n_features:
        facts["present"] = int(matrix.num_nonmissing()) / (n_rows * n_features)
    return {name: value for name, value in facts.items() if value is not None or name == "label"}


def dataset_facts(data: Any, label: Any, n_classes: int, *, is_training: bool) -> dict[str, Any]:
    """What is known of a constructed LightGBM Dataset; `label` as its objective takes it."""
    weight = data.get_weight()
    facts: dict[str, Any] = {
        "n_rows": int(data.num_data()),
        "n_features": int(data.num_feature()),
        "is_training": is_training,
        "label": label_summary(label, weight, n_classes),
        "queries": query_facts(data.get_group(), label),
        "mean_weight": mean_weight(weight),
        "effective_rows": effective_rows(weight),
        "odd_weights": odd_weights(weight),
        "label_digest": label_digest(label),
        **start_facts(data.get_init_score()),
    }
    return {name: value for name, value in facts.items() if value is not None or name == "label"}


def _with_spreads(summary: dict[str, Any] | None, label: Any, n_rows: int) -> dict[str, Any] | None:
    """Add the standard deviation of each output, where a row has several labels, one after the other."""
    size = np.size(label) if label is not None else 0
    if summary is None or summary.get("kind") != "numbers" or n_rows < 1 or size < 2 * n_rows or size % n_rows:
        return summary
    spreads = np.asarray(label, dtype=np.float64).reshape(n_rows, -1).std(axis=0)
    return {**summary, "spreads": [float(f"{s:.6g}") for s in spreads]} if np.isfinite(spreads).all() else summary


def start_facts(starts: ArrayLike | None) -> dict[str, Any]:
    """Whether each row has a start of its own, the one value if they all have the same, else what they are like."""
    values = np.asarray([] if starts is None else starts)
    if not values.size:
        return {}
    first = float(values.flat[0])
    if bool((values == first).all()):
        return {"starts_given": True, "start": first}
    known = {"mean": float(values.mean()), "minimum": float(values.min()), "maximum": float(values.max())}
    return {"starts_given": True, "start": None, "starts": known}


def query_facts(
    sizes: ArrayLike | None, label: ArrayLike | None = None, weight: ArrayLike | None = None
) -> dict[str, Any] | None:
    """How many queries there are, how many have one row or one label, and the rows of the largest; None without any.

    And how many weights were given, if any: XGBoost takes one for each query.
    """
    counts = np.asarray(sizes if sizes is not None else [], dtype=np.int64)
    if counts.ndim != 1 or not counts.size:
        return None
    facts = {"n_queries": int(counts.size), "n_single": int((counts == 1).sum()), "largest": int(counts.max())}
    if weight is not None:
        facts["n_weights"] = int(np.size(weight))
    facts |= {"n_rises": int((counts[1:] > counts[:-1]).sum()), "n_falls": int((counts[1:] < counts[:-1]).sum())}
    labels, ends = np.asarray(label if label is not None else []), np.cumsum(counts)
    if labels.ndim == 1 and labels.size == ends[-1] and counts.min() > 0:
        starts = ends - counts
        same = np.maximum.reduceat(labels, starts) == np.minimum.reduceat(labels, starts)
        facts["n_alike"] = int((same & (counts > 1)).sum())
    return facts


def mean_weight(weight: ArrayLike | None) -> float | None:
    """The mean sample weight; None without weights, or where it is not a number."""
    values = np.asarray(weight if weight is not None else [], dtype=np.float64)
    mean = float(values.mean()) if values.size else np.nan
    return mean if np.isfinite(mean) else None


def effective_rows(weight: ArrayLike | None) -> float | None:
    """How many rows of equal weight tell as much (Kish); None without weights, or if they are no numbers."""
    values = np.asarray(weight if weight is not None else [], dtype=np.float64)
    squares = float(np.square(values).sum()) if values.size else 0.0
    return float(values.sum()) ** 2 / squares if 0 < squares < np.inf else None


def odd_weights(weight: ArrayLike | None) -> dict[str, int] | None:
    """How many sample weights are no number, negative or 0; None if none is."""
    values = np.asarray(weight if weight is not None else [], dtype=np.float64)
    missing = ~np.isfinite(values)
    counts = {"missing": missing, "negative": values < 0, "zero": values == 0}
    found = {kind: int(odd.sum()) for kind, odd in counts.items() if odd.any()}
    return found or None


def prediction_facts(predicted: ArrayLike, label: ArrayLike | None) -> dict[str, Any]:
    """What predictions are like, one a row: mean, extremes, share below 0, and some of them beside their labels."""
    values = np.asarray(predicted, dtype=np.float64)
    labels = np.asarray(label if label is not None else [], dtype=np.float64)
    if values.ndim != 1 or not values.size or values.shape != labels.shape:
        return {}
    finite = values[np.isfinite(values) & np.isfinite(labels)]
    if finite.size != values.size:
        return {"n_not_finite": int(values.size - finite.size)}
    some = kept_rows(values.size, min(values.size, _SAMPLE_ROWS))
    errors = values - labels
    return {
        "mean": float(values.mean()),
        "minimum": float(values.min()),
        "maximum": float(values.max()),
        "below_zero": float((values < 0).mean()),
        "mean_error": float(errors.mean()),
        "std_error": float(errors.std()),
        "sample": [float(f"{v:.6g}") for v in values[some]],
        "labels": [float(f"{v:.6g}") for v in labels[some]],
    }
