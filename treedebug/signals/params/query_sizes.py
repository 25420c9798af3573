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
    n_rows: int
    n_alike: int
    """Queries of several rows and one label, in which nothing can be ranked either."""
    n_rises: int
    """Queries that have more rows than the one before."""
    n_falls: int
    """Queries that have fewer; 0 of older runs, which do not tell."""

    @classmethod
    def measure(cls, header: Header, params: Params) -> Self:
        """Of the training data. Raises Missing unless a ranking's queries were recorded."""
        if params.family != "rank":
            raise Missing("the objective is not a ranking")
        for name, facts in header.data.items():
            n_rows = int(facts.get("n_rows") or 0)
            told = facts.get("queries") or ({"n_queries": 1, "n_single": 0} if n_rows > 1 else None)
            if facts.get("is_training") and told:
                some = (int(told.get(k) or 0) for k in ("n_alike", "n_rises", "n_falls"))
                return cls(name, int(told["n_queries"]), int(told["n_single"]), n_rows, *some)
        raise Missing("the queries of the training data were not recorded")

    @property
    def idle(self) -> float:
        """Share of the queries in which all rows have the same label, those of one row among them."""
        return (self.n_single + self.n_alike) / max(self.n_queries, 1)

    @property
    def share(self) -> float:
        """Share of the queries that have one row."""
        return self.n_single / max(self.n_queries, 1)
