"""Whether new rows are as much like the training rows, in the model's eyes, as held-out ones are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.pictures.picture import Floats, Picture

_LEVELS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True, kw_only=True, eq=False)
class CoverageShares(Picture):
    """Shares of the rows whose most similar training row is in their leaf in at most so many of the trees."""

    name: ClassVar[str] = "coverage_shares"
    question: ClassVar[str] = "Has the model seen rows like these?"

    level: Floats
    """(101,) shares of the trees, 0 to 1."""
    held_out: Floats
    new: Floats
    """(101,) shares of the rows that reach at most that level."""
    n_held_out: int
    n_new: int


def coverage_shares(held_out: Floats, new: Floats) -> CoverageShares:
    """Return the picture of the coverage of held-out and of new rows, (n,) each."""
    shares = [np.searchsorted(np.sort(c), _LEVELS, side="right") / max(len(c), 1) for c in (held_out, new)]
    return CoverageShares(level=_LEVELS, held_out=shares[0], new=shares[1], n_held_out=len(held_out), n_new=len(new))
