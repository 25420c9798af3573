"""Cells of the raw table that a LightGBM Dataset was made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def raw_cells(table: Any, rows: NDArray[np.int64], columns: Sequence[int]) -> NDArray[np.float64]:
    """Return (n_rows, n_columns) cells of a frame, an array or a sparse matrix. Raise ValueError for texts."""
    if hasattr(table, "iloc"):
        return np.asarray(table.iloc[rows, columns].to_numpy(), dtype=np.float64)
    cells = table[rows][:, columns]
    return np.asarray(cells.toarray() if hasattr(cells, "toarray") else cells, dtype=np.float64)
