"""CV119 search-within-noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import experiment
from treedebug.core.findings import Finding
from treedebug.core.phrases import figure
from treedebug.engine.rule import Rule, param
from treedebug.signals.runs.search_ties import SearchTies


@dataclass(frozen=True, kw_only=True)
class SearchWithinNoise(Rule):
    """The runs of a search differ by no more than chance does, so its best is a matter of luck.

    ## What it does
    Looks at five or more runs that are compared, and judged by one metric on the same rows. Fires if `min_tied` or more
    of them are no worse than the best beyond chance, though chance alone moves the metric by `min_noise` of its value:
    by the losses of the same rows where those were kept, else by the number of rows.
    ## Why is this bad
    The best score is the luckiest one. It is too good by about the noise, and the run that gave it may be worse than
    the one you started from.
    ## When to ignore it
    You take the cheapest of the runs that tie, and report another set's score.
    """

    code = "CV119"
    name = "search-within-noise"
    explains: ClassVar[tuple[str, ...]] = ("RC702", "RC704", "RC705")

    min_tied: float = param(0.8, "share of the other runs that tie with the best", ge=0.0, le=1.0)
    min_noise: float = param(
        0.02, "what chance does to the difference of two runs, as a share of the metric", ge=0.0, le=10.0
    )

    def check(self, search: SearchTies) -> Iterator[Finding]:
        """Compare the noise with what sets the runs apart."""
        others = search.n_runs - 1
        if search.n_tied < self.min_tied * others or search.noise < self.min_noise * abs(search.best):
            return
        rows = f" ({search.n_rows} rows)" if search.n_rows else ""
        yield self.finding(
            f"{search.n_tied} of the {others} other runs are no worse than the best beyond chance: {search.metric} on "
            f"{search.dataset}{rows} is {figure(search.best)} at best and up to {figure(search.furthest)} worse, where "
            f"chance alone moves the difference of two runs by {figure(search.noise)}: the search picks by luck",
            subject=search.metric,
            try_next=(experiment("score each candidate by 5-fold cross-validation", "more rows, less noise"),),
            n_tied=search.n_tied,
            n_runs=search.n_runs,
            noise=search.noise,
            furthest=search.furthest,
        )
