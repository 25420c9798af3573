"""Copies: pairs of features that say the same, and in which way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from treedebug.core.data.column_profile import ColumnProfile
from treedebug.core.data.table_profile import Pair
from treedebug.signals.data.checked_tables import TrainingTable

Link = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Copies:
    """Pairs of features of at least two values: equal in every row, one to one on the sample, or correlated."""

    equal: tuple[Link, ...]
    recoded: tuple[Link, ...]
    correlated: tuple[Pair, ...]
    n_distinct: dict[str, int]
    usual: dict[str, float]
    """Share of the rows on the most frequent value."""
    doubled_names: tuple[str, ...]

    @classmethod
    def measure(cls, table: TrainingTable) -> Self:
        """Raise Missing where the table has no rows."""
        profile = table.profile
        varied = {c.name: c for c in table.features if c.n_distinct + (c.n_missing > 0) > 1}
        return cls(
            tuple(_links(profile.equal_columns, varied)),
            tuple(_links(profile.recoded_columns, varied)),
            tuple(p for p in profile.pairs if p.first in varied and p.second in varied),
            {name: c.n_distinct for name, c in varied.items()},
            {n: c.top_values[0].count / c.n_rows if c.top_values else 0.0 for n, c in varied.items()},
            profile.doubled_names,
        )

    def agreement(self, pair: Pair) -> float:
        """Return the share of equal rows, leaving out those that the most frequent value makes equal."""
        anyway = max(self.usual[pair.first], self.usual[pair.second])
        return (pair.equal_share - anyway) / (1.0 - anyway) if anyway < 1.0 else 0.0


def _links(groups: Iterable[tuple[str, ...]], varied: dict[str, ColumnProfile]) -> list[Link]:
    """Return the first of each group with each of the others."""
    kept = [[name for name in group if name in varied] for group in groups]
    return [(group[0], other) for group in kept for other in group[1:]]
