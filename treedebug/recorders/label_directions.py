"""Which way the label goes with features under a monotone constraint, on some rows of the training data."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.params.constraint_signs import constraint_signs
from treedebug.core.run.margin_log import kept_rows
from treedebug.recorders.raw_cells import raw_cells

_MOST_ROWS = 2000
_LEAST_ROWS = 30


def add_directions(fields: Mapping[str, Any], bounds: Any, training: Any) -> None:
    """Add to the facts of the training data, among a header's fields, what is found of features under `bounds`."""
    features = constraint_signs(bounds, fields["feature_names"], fields["n_features"])
    for facts in fields["data"].values():
        facts.update(label_directions(training, features) if features and facts.get("is_training") else {})


def label_directions(data: Any, features: Iterable[int]) -> dict[str, Any]:
    """Return rank correlations with the label by feature index, and the rows they are of; empty where they are not had.

    `data` is a DMatrix, a Dataset that keeps its raw data, or `(X, y)`.
    """
    some = sorted(features)
    with contextlib.suppress(Exception):  # a matrix of bins, raw data that was freed, columns of texts
        columns, label = _rows(data, some) if some else (np.empty((0, 0)), np.empty(0))
        if len(label) < _LEAST_ROWS or not np.isfinite(label).all():
            return {}
        found = {str(i): _correlation(columns[:, at], label) for at, i in enumerate(some)}
        known = {i: c for i, c in found.items() if np.isfinite(c)}
        return {"rank_correlations": known, "rank_rows": len(label)} if known else {}
    return {}


def _rows(data: Any, features: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if hasattr(data, "num_row") and hasattr(data, "slice"):  # an XGBoost DMatrix: what is absent is missing
        n = int(data.num_row())
        part = data.slice(kept_rows(n, min(n, _MOST_ROWS)), allow_groups=True)
        entries = part.get_data().tocsc()[:, features].tocoo()
        dense = np.full((part.num_row(), len(features)), np.nan)
        dense[entries.row, entries.col] = entries.data
        return dense, np.asarray(part.get_label(), dtype=np.float64)
    table, label = data if isinstance(data, tuple) else (data.data, data.get_label())
    values = np.asarray(label, dtype=np.float64)
    rows = kept_rows(len(values), min(len(values), _MOST_ROWS))
    return raw_cells(table, rows, features), values[rows]


def _correlation(column: NDArray[np.float64], label: NDArray[np.float64]) -> float:
    there = np.isfinite(column)
    if there.sum() < _LEAST_ROWS:
        return float("nan")
    x, y = _ranks(column[there]), _ranks(label[there])
    spread = float(x.std() * y.std())
    return float(((x - x.mean()) * (y - y.mean())).mean() / spread) if spread > 0 else float("nan")


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks, ties sharing their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2.0)[inverse], dtype=np.float64)
