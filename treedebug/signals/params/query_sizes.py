"""The queries of a ranking: how many there are, and how many have a row to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.params.parameter_view import Params


@dataclass(frozen=True, eq=False)
class QuerySizes:
    """Queries of one dataset of a ranking."""

    dataset: str
    n_queries: int
    n_single: int
    """Queries of one row, in which nothing can be ranked."""

    @classmethod
    def measure(cls, header: Header, params: Params) -> Self:
        """Of the training data. Raises Missing unless a ranking's queries were recorded."""
        if params.family != "rank":
            raise Missing("the objective is not a ranking")
        for name, facts in header.data.items():
            told = facts.get("queries")
            if facts.get("is_training") and told:
                return cls(name, int(told["n_queries"]), int(told["n_single"]))
        raise Missing("the queries of the training data were not recorded")

    @property
    def share(self) -> float:
        """Share of the queries that have one row."""
        return self.n_single / max(self.n_queries, 1)
