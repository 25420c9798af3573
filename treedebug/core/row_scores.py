"""What predictions of rows cost, row by row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def log_losses(y: Floats, p: Floats, tiny: float) -> Floats:
    """Return (n_rows,) the log loss of probabilities: (n_rows,) of class 1, or (n_rows, n_classes).

    `tiny` is the least probability that counts, so that no row costs infinity.
    """
    if p.ndim > 1:
        found: Floats = -np.log(np.clip(p[np.arange(len(y)), y.astype(np.int64)], tiny, None))
        return found
    p = np.clip(p, tiny, 1 - tiny)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))
