"""What users read of a tensor, from its sums (see `block_sums`), which can be added up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_bridge.statistics.block_sums import MAX, MIN, N_BAD, N_ZERO, SUM, SUM_ABS, SUM_SQUARE, joined_sums


def statistics(sums: NDArray[np.float64], sizes: Sequence[int], counts: Sequence[int]) -> NDArray[np.float64]:
    """Return (n, 8) the columns `STATISTICS` from the sums of `sizes` entries.

    `counts` are the entries of the whole tensors, of which the sums may be of a sample: norms are scaled up.
    """
    out = np.empty((len(sums), len(STATISTICS)))
    with np.errstate(all="ignore"):
        shares = sums / np.asarray(sizes, dtype=np.float64)[:, None]
        mean, mean_square = shares[:, SUM], shares[:, SUM_SQUARE]
        low, high = sums[:, MIN], sums[:, MAX]
        out[:, 0] = np.sqrt(mean_square * np.asarray(counts))
        out[:, 1] = mean
        out[:, 2] = shares[:, SUM_ABS]
        out[:, 3] = np.where(low == high, 0.0, np.maximum(mean_square - mean * mean, 0.0))
        out[:, 4] = low
        out[:, 5] = high
        out[:, 6:] = shares[:, N_ZERO : N_BAD + 1]
    return out


STATISTICS = ("norm", "mean", "mean_abs", "var", "min", "max", "zero_share", "nonfinite_share")
"""The columns of `statistics`."""


def array_statistics(arrays: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
    """Return the statistics (n, 8) of n arrays, none of them empty."""
    sizes = [a.size for a in arrays]
    return statistics(joined_sums(np.asarray(a, dtype=np.float64) for a in arrays), sizes, sizes)


def symmetry(units: NDArray[Any]) -> dict[str, float]:
    """Return the shares of units (n_units, fan_in) whose weights are one value, and of units equal to another one."""
    n_units, fan_in = units.shape
    rows = np.ascontiguousarray(units)
    is_flat = float((rows == rows[:, :1]).all(axis=1).mean()) if fan_in > 1 else 0.0
    _, counts = np.unique(rows.view(np.dtype((np.void, rows.dtype.itemsize * fan_in))), return_counts=True)
    return {"flat_unit_share": is_flat, "twin_unit_share": int(counts[counts > 1].sum()) / n_units}
