"""HP531 uncompared-rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.core.params.user_spelling import spelled
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.params.query_sizes import QuerySizes

_METRICS = ("eval_metric", "metric", "metrics")


@dataclass(frozen=True, kw_only=True)
class UncomparedRows(Rule):
    """A ranking compares only the first few places of each query.

    ## What it does
    Looks at the parameter, where it was given, that says how many places of a query are compared with all others:
    XGBoost's `lambdarank_num_pair_per_sample` with `lambdarank_pair_method` of `topk` (its default), and LightGBM's
    `lambdarank_truncation_level`. Fires if pairs of so few places are less than `max_share` of all pairs of an average
    query, and no metric that was asked for is cut off as early (`ndcg@k`, `eval_at`).
    ## Why is this bad
    Rows below those places are never compared with each other, and have no gradient: the order of most of the query is
    not learned. In XGBoost the same number means pairs drawn for each row with `mean`, where 1 is a usual value.
    ## When to ignore it
    Only the first places matter to you, and the metric that you watch says so.
    """

    code = "HP531"
    name = "uncompared-rows"
    explains: ClassVar[tuple[str, ...]] = ("CV101", "CV103", "CV106", "CV107", "CV109", "HP507", "FT301", "FT304")

    max_share: float = param(0.2, "share of a query's pairs that are compared", ge=0.0, le=1.0)

    def check(self, queries: QuerySizes, params: Params, header: Header) -> Iterator[Finding]:
        """Compare the places with the rows of a query."""
        xgboost = params.library == "xgboost"
        name = "lambdarank_num_pair_per_sample" if xgboost else "lambdarank_truncation_level"
        places, size = params.numeric(name), queries.n_rows / max(queries.n_queries, 1)
        topk = not xgboost or str(params.given.get("lambdarank_pair_method", "topk")) == "topk"
        if places is None or not params.was_given(name) or not topk or size < 3 or places < 1:
            return
        share = min(places * (2.0 * size - places - 1.0) / (size * (size - 1.0)), 1.0)
        chosen = " ".join(str(v) for name, v in params.given.items() if name in _METRICS)
        cuts = [int(k) for k in re.findall(r"@(\d+)", chosen)] + [int(k) for k in _numbers(params, "eval_at")]
        if share >= self.max_share or any(k <= places for k in cuts):
            return
        default = "" if not xgboost or "lambdarank_pair_method" in params.given else ", the default,"
        more = (
            change(header, "lambdarank_pair_method", "mean", f"draws {figure(places)} pairs for each row")
            if xgboost
            else change(header, name, max(int(size), 30), "compares all rows of a query")
        )
        how = f"with lambdarank_pair_method=topk{default} " if xgboost else ""
        yield self.finding(
            f"{spelled(header, name)}={figure(places)} {how}compares the first {figure(places)} of the "
            f"{figure(size)} rows of an average query with the others: {percent(share)} of its pairs, and the order of "
            "all other rows is not learned",
            subject=name,
            try_next=(more,),
            places=places,
            rows_per_query=size,
            share=share,
        )


def _numbers(params: Params, name: str) -> list[str]:
    return re.findall(r"\d+", str(params.given.get(name, "")))
