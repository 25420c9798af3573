"""Several statistics of many arrays in a few passes: sums first, which can be added up, then what users read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SUM_SQUARE, SUM, SUM_ABS, MIN, MAX, N_ZERO, N_BAD = range(7)
N_COLUMNS = 7


def segment_sums(x: NDArray[Any], starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, 7) sums of n segments of x: squares, values, absolute values, extremes, counts of zeros and non-finite."""
    out = np.zeros((len(starts), N_COLUMNS))
    with np.errstate(all="ignore"):
        out[:, SUM] = np.add.reduceat(x, starts)
        out[:, MIN] = np.minimum.reduceat(x, starts)
        out[:, MAX] = np.maximum.reduceat(x, starts)
        zeros = x == 0
        if np.count_nonzero(zeros):  # counting them all is a fraction of counting them by segment
            out[:, N_ZERO] = np.add.reduceat(zeros.view(np.int8), starts, dtype=np.int64)
        work = np.abs(x)
        out[:, SUM_ABS] = np.add.reduceat(work, starts)
        out[:, SUM_SQUARE] = np.add.reduceat(np.multiply(work, work, out=work), starts)
        for i in np.flatnonzero(~np.isfinite(out[:, SUM])):  # rare: only then is it worth a pass
            part = x[starts[i] : starts[i] + sizes[i]]
            out[i, N_BAD] = part.size - np.count_nonzero(np.isfinite(part))
    return out


def statistics(sums: NDArray[np.float64], sizes: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, 8) norm, mean, mean_abs, var, min, max, zero_share, nonfinite_share from the sums of `sizes` entries.

    `counts` are the entries of the whole tensors, of which the sums may be of a sample: norms are scaled up.
    """
    n = sizes.astype(np.float64)
    with np.errstate(all="ignore"):
        mean = sums[:, SUM] / n
        mean_square = sums[:, SUM_SQUARE] / n
        var = np.maximum(mean_square - mean**2, 0.0)
        var[sums[:, MIN] == sums[:, MAX]] = 0.0
        columns = (
            np.sqrt(mean_square * counts), mean, sums[:, SUM_ABS] / n, var, sums[:, MIN], sums[:, MAX],
            sums[:, N_ZERO] / n, sums[:, N_BAD] / n,
        )  # fmt: skip
    return np.stack(columns, axis=1)


STATISTICS = ("norm", "mean", "mean_abs", "var", "min", "max", "zero_share", "nonfinite_share")
"""The columns of `statistics`."""


def array_statistics(arrays: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
    """(n, 8) the statistics of n arrays, none of them empty."""
    sizes = np.array([a.size for a in arrays], dtype=np.int64)
    flat = np.concatenate([np.asarray(a, dtype=np.float64).reshape(-1) for a in arrays])
    return statistics(segment_sums(flat, np.cumsum(sizes) - sizes, sizes), sizes, sizes)


def symmetry(units: NDArray[Any]) -> dict[str, float]:
    """Of weights (n_units, fan_in): shares of units whose weights are one value, and of units equal to another one."""
    n_units, fan_in = units.shape
    rows = np.ascontiguousarray(units)
    is_flat = float((rows == rows[:, :1]).all(axis=1).mean()) if fan_in > 1 else 0.0
    _, counts = np.unique(rows.view(np.dtype((np.void, rows.dtype.itemsize * fan_in))), return_counts=True)
    return {"flat_unit_share": is_flat, "twin_unit_share": int(counts[counts > 1].sum()) / n_units}
