"""What a DMatrix tells: its rows, how to predict them, and its categories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.recorders.prediction_meter import ToldRows
from treedebug.recorders.prediction_sampler import Predict

MOST_WORK = 2_000_000
"""Rows times trees: predictions of the best round take up to about 20 ms of one core."""


def predict_with(booster: Callable[[], Any], *, raw: bool) -> Predict:
    """Return the way to predict, with the booster that the port holds: raw scores, or amounts."""

    def predict(matrix: Any, n_rounds: int | None) -> NDArray[np.floating]:
        found: NDArray[np.floating] = booster().predict(
            matrix, output_margin=raw, validate_features=False, iteration_range=(0, n_rounds or 0)
        )
        return found

    return predict


def rows_of(matrix: Any) -> ToldRows:
    """Return what a DMatrix tells of its rows."""
    queries = np.diff(matrix.get_uint_info("group_ptr").astype(np.int64))
    return ToldRows(int(matrix.num_row()), labels_of(matrix), weights_of(matrix), queries if len(queries) else None)


def labels_of(matrix: Any) -> Any:
    """Return the labels of a DMatrix; None without any."""
    label = matrix.get_label()
    return label if np.size(label) else None


def weights_of(matrix: Any) -> Any:
    """Return the weights of a DMatrix; None without any."""
    weight = matrix.get_weight()
    return weight if np.size(weight) else None


def categories_of(booster: Any, matrix: Any) -> dict[str, Any]:
    """Return how many categories each categorical feature has: the library keeps a bin for each."""
    kinds = booster.feature_types or []
    if "c" not in kinds:
        return {}
    names = booster.feature_names or [f"f{i}" for i in range(len(kinds))]
    bins = np.diff(matrix.get_quantile_cut()[0])
    return {"categories": {n: int(b) for n, kind, b in zip(names, kinds, bins, strict=True) if kind == "c"}}
