"""How many parameters the labels have filled, round by round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from treedebug.pictures.picture import Floats, Ints, Picture


@dataclass(frozen=True, kw_only=True, eq=False)
class EffectiveByRound(Picture):
    """Effective parameters over the rounds; columns (n_rounds,)."""

    name: ClassVar[str] = "effective_by_round"
    question: ClassVar[str] = "How far do predictions follow their own labels?"

    n_rows: int
    """Training rows: as many parameters at most."""
    rounds: Ints
    value: Floats
    standard_error: Floats
    """Of the random probes."""
    on_new_rows: Floats
    """As new rows see it; NaN where none were given."""
