"""Rows behind each category of the categorical features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.resolve import Missing


@dataclass(frozen=True, eq=False)
class CategoryRows:
    """Categorical features, by name: categories, and the share of all gain that they hold where trees are known."""

    counts: dict[str, int]
    gain: dict[str, float]
    n_rows: int
    """Of the training data."""
    n_rounds: int
    """Rounds whose trees are known, and had a gain."""

    @classmethod
    def measure(cls, header: Header, trees: TreeSummary | None) -> Self:
        """Raise Missing without categorical features whose categories were counted."""
        facts = header.training_facts()
        counts, n_rows = facts.get("categories"), facts.get("n_rows")
        if not counts or not n_rows:
            raise Missing("no categorical feature's categories were recorded (LightGBM's model tells them)")
        gains: dict[str, float] = {}
        if trees is not None:
            totals = trees.totals()
            named = zip(totals.features.tolist(), totals.total_gain.tolist(), strict=True)
            gains = {header.feature_name(i): gain for i, gain in named}
        whole = sum(gains.values())
        shares = {name: gains.get(name, 0.0) / whole for name in counts} if whole > 0 else {}
        known = trees.n_seen if trees is not None and whole > 0 else 0
        return cls({str(k): int(v) for k, v in counts.items()}, shares, int(n_rows), known)
