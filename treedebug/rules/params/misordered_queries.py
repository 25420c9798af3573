"""HP520 misordered-queries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import Finding
from treedebug.engine.rule import Rule, param
from treedebug.signals.params.query_sizes import QuerySizes

_ASKED = (
    "Are the sizes in the order of the rows? Count them without sorting: groupby(id, sort=False).size(), with the rows "
    "of a query next to each other."
)


@dataclass(frozen=True, kw_only=True)
class MisorderedQueries(Rule):
    """The sizes of the queries of a ranking are sorted, and its rows are most likely not.

    ## What it does
    Fires if no query of the training data has more rows than the one before, over `min_queries` queries or more of
    which `min_steps` or more have fewer: that is the order of pandas' `value_counts`, which puts the largest first.
    ## Why is this bad
    `group` says how many rows belong to each query, in the order of the rows. In another order the queries are cut in
    the wrong places, and rows are ranked against those of others.
    ## When to ignore it
    You sorted the rows by the size of their query.
    """

    code = "HP520"
    name = "misordered-queries"
    explains: ClassVar[tuple[str, ...]] = ("CV101", "CV102", "CV103", "CV106", "CV107", "CV111", "HP514")

    min_queries: int = param(20, "queries of the training data", ge=3, le=1_000_000)
    min_steps: int = param(5, "queries that have fewer rows than the one before", ge=1, le=1_000_000)

    def check(self, queries: QuerySizes) -> Iterator[Finding]:
        """Look for a query that has more rows than the one before."""
        if queries.n_queries < self.min_queries or queries.n_rises or queries.n_falls < self.min_steps:
            return
        yield self.finding(
            f"the {queries.n_queries} queries of {queries.dataset} come by size, the largest first, as value_counts() "
            "gives them: if the rows do not come in that order too, every query is cut in the wrong place",
            subject=queries.dataset,
            try_next=(question(_ASKED),),
            n_queries=queries.n_queries,
            n_falls=queries.n_falls,
        )
