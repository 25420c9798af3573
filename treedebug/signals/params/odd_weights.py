"""Sample weights that are no numbers, negative or 0, set by set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing


@dataclass(frozen=True, eq=False)
class OddWeights:
    """How many of each kind, by dataset; those without any are not in it."""

    counts: dict[str, dict[str, int]]
    n_rows: dict[str, int]
    training: frozenset[str]
    effective: dict[str, float]
    """Rows of equal weight that would tell as much, where known."""

    @classmethod
    def measure(cls, header: Header) -> Self:
        """Of all recorded datasets. Raises Missing where there are no sample weights."""
        weighted = {n: f for n, f in header.data.items() if "odd_weights" in f or f.get("mean_weight") is not None}
        if not weighted:
            raise Missing("there are no sample weights")
        return cls(
            {n: dict(f["odd_weights"]) for n, f in weighted.items() if f.get("odd_weights")},
            {n: int(f.get("n_rows") or 0) for n, f in weighted.items()},
            frozenset(n for n, f in weighted.items() if f.get("is_training")),
            {n: float(f["effective_rows"]) for n, f in weighted.items() if f.get("effective_rows")},
        )
