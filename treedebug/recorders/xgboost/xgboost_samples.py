"""What sampled predictions need of XGBoost: the rows of a DMatrix, and how to predict them."""

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
