"""How much of new rows a model has seen the like of: coverage by the training rows, beside that of held-out rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RowCoverage:
    """Each row's share of trees in common with the training row most like it. A stream only of the check that asks."""

    held_out: NDArray[np.float64]
    """(n_held_out,) rows of training time that the trees have not seen"""
    new: NDArray[np.float64]
    """(n_new,)"""

    def until(self, n_rounds: int) -> Self:  # noqa: ARG002 - of the whole model, whatever the round
        """Return the coverage itself."""
        return self
