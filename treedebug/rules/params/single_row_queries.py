"""HP514 single-row-queries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.params.query_sizes import QuerySizes


@dataclass(frozen=True, kw_only=True)
class SingleRowQueries(Rule):
    """Most queries of a ranking have one row, or rows of one label, in which there is nothing to rank.

    ## What it does
    Counts the queries of the training data, where the objective is a ranking. Fires if `max_share` or more of them have
    a single row; an error if all do. If all rows, `one_query` or more, are one query. And if `max_alike` of the queries
    have the same label in all their rows.
    ## Why is this bad
    A ranking learns from pairs of rows in one query: a query of one row brings no gradient and no hessian, and counts
    as perfectly ranked. Most often `qid` or `group` numbers the rows and not the queries.
    ## When to ignore it
    Most of your queries truly have one result, and the others are enough to learn from.
    """

    code = "HP514"
    name = "single-row-queries"
    explains: ClassVar[tuple[str, ...]] = (
        "CV102", "CV103", "CV104", "CV106", "CV107", "CV109", "FT301", "FT304", "HP503", "HP506", "HP513", "TR202",
        "TR203", "TR204",
        "TR207",
    )  # fmt: skip

    one_query: int = param(200, "rows of a single query that are too many", ge=2, le=1_000_000_000)
    max_alike: float = param(0.6, "share of the queries in which all rows have one label", ge=0.0, le=1.0)
    max_share: float = param(0.5, "share of the queries that have one row", ge=0.0, le=1.0)

    def check(self, queries: QuerySizes) -> Iterator[Finding]:
        """Count the queries of one row."""
        if queries.n_queries == 1 and not queries.n_single and queries.n_rows >= self.one_query:
            yield self.finding(
                f"all {queries.n_rows} training rows are one query, and each is ranked against all others: qid= or "
                "group= tells which rows belong together",
                subject=queries.dataset,
                n_queries=1,
                n_single=0,
            )
            return
        if queries.n_queries >= 2 and queries.n_alike > queries.n_single and queries.idle >= self.max_alike:
            yield self._alike(queries)
            return
        if queries.n_queries < 2 or queries.share < self.max_share:
            return
        all_of_them = queries.n_single == queries.n_queries
        how = "all" if all_of_them else f"{queries.n_single} ({percent(queries.share)})"
        yield self.finding(
            f"{how} of {queries.n_queries} training queries have one row, in which nothing can be ranked: qid= "
            "and group= "
            "number queries, not rows (group= takes the rows of each query)",
            severity=Severity.ERROR if all_of_them else Severity.WARNING,
            subject=queries.dataset,
            n_queries=queries.n_queries,
            n_single=queries.n_single,
        )

    def _alike(self, queries: QuerySizes) -> Finding:
        idle = queries.n_single + queries.n_alike
        return self.finding(
            f"in {idle} of {queries.n_queries} training queries ({percent(queries.idle)}) all rows have one label: "
            "nothing can be ranked there, and each of them counts as NDCG 1, whatever the model does",
            subject=queries.dataset,
            try_next=(question("Leave out the queries without a relevant row, in validation too."),),
            explains=("CV107", "CV109", "CV106", "CV103", "CV102", "HP513"),
            n_queries=queries.n_queries,
            n_single=queries.n_single,
            n_alike=queries.n_alike,
        )
