"""RC705 search-at-the-edge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Finding
from treedebug.core.params.user_spelling import spelled
from treedebug.core.phrases import figure, percent, round_to
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.signals.runs.search_edges import SearchEdges

_MOST_NAMED = 6


@dataclass(frozen=True, kw_only=True)
class SearchAtTheEdge(Rule):
    """The best run of a search has a parameter at the edge of the values that were tried.

    ## What it does
    Looks at three or more runs that are compared, and judged by one metric. Fires for a parameter of which three or
    more values were tried, if the best run has the least or the largest of them, is better than the best run of the
    next value by `min_gain` of the metric, and than that of some other value by `min_sigmas` of what chance does to the
    difference of two runs. Values with none beyond them (all rows, no penalty) are no edge.
    ## Why is this bad
    The search ended where it was still getting better: the best value may lie outside.
    ## When to ignore it
    The next value would cost more than it is worth, such as a still lower learning rate.
    """

    code = "RC705"
    name = "search-at-the-edge"

    min_gain: float = param(
        0.005, "share of the metric by which the edge is better than the next value", ge=0.0, le=1.0
    )

    min_sigmas: float = param(
        2.0, "how much better it is than some other value, in standard deviations of chance", ge=0.0, le=1e6
    )

    def check(self, search: SearchEdges) -> Iterator[Finding]:
        """Go through the edges."""
        for edge in search.edges:
            if edge.gain < self.min_gain or edge.sigmas < self.min_sigmas:
                continue
            name = spelled(search.header, edge.name)
            side = "largest" if edge.value == edge.values[-1] else "smallest"
            tried = _tried(edge.values)
            yield self.finding(
                f"the best of {search.n_runs} runs has {name}={figure(edge.value)}, the {side} value tried "
                f"({tried}), and "
                f"is {percent(edge.gain)} better in {search.metric} than the next: the search ends where it still "
                "improves",
                subject=name,
                try_next=(change(search.header, edge.name, round_to(edge.beyond), "a step beyond the edge"),),
                value=edge.value,
                values=list(edge.values),
                gain=edge.gain,
            )


def _tried(values: tuple[float, ...]) -> str:
    """Say all values, or of many how many and from where to where."""
    if len(values) > _MOST_NAMED:
        return f"{len(values)} values from {figure(values[0])} to {figure(values[-1])}"
    return ", ".join(figure(v) for v in values)
