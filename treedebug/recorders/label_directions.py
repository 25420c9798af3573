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
_MOST_COLUMNS = 60
"""Features beside which those under a constraint are looked at."""
_RIDGE = 1e-3


def add_directions(fields: Mapping[str, Any], bounds: Any, training: Any) -> None:
    """Add to the facts of the training data, among a header's fields, what is found of features under `bounds`."""
    features = constraint_signs(bounds, fields["feature_names"], fields["n_features"])
    for facts in fields["data"].values():
        facts.update(label_directions(training, features) if features and facts.get("is_training") else {})


def label_directions(data: Any, features: Iterable[int]) -> dict[str, Any]:
    """Return rank correlations with the label by feature index, and the rows they are of; empty where they are not had.

    And `rank_effects`, which way the label goes with a feature where all others stay, among few features.

    `data` is a DMatrix, a Dataset that keeps its raw data, or `(X, y)`.
    """
    some = sorted(features)
    with contextlib.suppress(Exception):  # a matrix of bins, raw data that was freed, columns of texts
        n = _n_features(data)
        all_of_them = list(range(n)) if n <= _MOST_COLUMNS else some
        columns, label = _rows(data, all_of_them) if some else (np.empty((0, 0)), np.empty(0))
        if len(label) < _LEAST_ROWS or not np.isfinite(label).all():
            return {}
        places = {i: at for at, i in enumerate(all_of_them)}
        found = {str(i): _correlation(columns[:, places[i]], label) for i in some}
        known = {i: c for i, c in found.items() if np.isfinite(c)}
        effects = _effects(columns, label)
        told = {i: float(effects[places[int(i)]]) for i in known} if n <= _MOST_COLUMNS else {}
        facts = {"rank_correlations": known, "rank_rows": len(label)}
        return {**facts, **({"rank_effects": told} if told else {})} if known else {}
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


def _n_features(data: Any) -> int:
    if hasattr(data, "num_row") and hasattr(data, "slice"):
        return int(data.num_col())
    table = data[0] if isinstance(data, tuple) else data.data
    return int(table.shape[1])


def _effects(columns: NDArray[np.float64], label: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each feature says of the label beside all others: the weights of a linear fit of the ranks, in deviations.

    What is missing is put in the middle.
    """
    ranks = np.empty(columns.shape)
    for j in range(columns.shape[1]):
        there = np.isfinite(columns[:, j])
        ranks[:, j] = 0.0
        if there.any():
            placed = _ranks(columns[there, j])
            ranks[there, j] = (placed - placed.mean()) / (placed.std() or 1.0)
    y = _ranks(label)
    y = (y - y.mean()) / (y.std() or 1.0)
    n = len(y)
    moments: NDArray[np.float64] = ranks.T @ ranks / n
    moments[np.diag_indices_from(moments)] += _RIDGE
    return np.asarray(np.linalg.solve(moments, ranks.T @ y / n), dtype=np.float64)


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
