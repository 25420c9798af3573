"""What more rows bring: the loss over the rows, the law through it, and the next doubling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from treedebug.pictures.picture import Floats, Ints, Picture


@dataclass(frozen=True, kw_only=True, eq=False)
class LossByRows(Picture):
    """A learning curve over the rows; columns (n_sizes,), and the law on a grid of its own."""

    name: ClassVar[str] = "loss_by_rows"
    question: ClassVar[str] = "Would more rows help?"

    loss_name: str
    rows: Ints
    loss: Floats
    """Mean over the seeds."""
    standard_error: Floats
    law_rows: Floats
    law_loss: Floats
    next_rows: int
    next_loss: float
    """Expected of twice the rows."""
    low: float
    high: float
    """Between them nine times in ten."""
    constant_loss: float
