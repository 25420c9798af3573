"""Which runs of a search cannot be told from the best one, by what chance does to the scores of the same rows."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Self

from treedebug.core.run.run_data import ComparedRun, RunView
from treedebug.engine.resolve import Missing
from treedebug.signals.runs.score_differences import ScoreDifference, score_differences
from treedebug.signals.runs.search_edges import search_losses

_FEWEST_RUNS = 5
_SIGMAS = 1.96


@dataclass(frozen=True, eq=False)
class SearchTies:
    """The runs of a search beside the best of them, on one metric and dataset."""

    dataset: str
    metric: str
    n_runs: int
    n_rows: int | None
    """Of the dataset; None if unknown."""
    best: float
    n_tied: int
    """Runs other than the best that chance does not tell from it."""
    noise: float
    """The standard deviation by chance of the difference of two of them: the median over the runs."""
    furthest: float
    """How much worse the worst run is than the best."""

    @classmethod
    def measure(cls, view: RunView, compared: ComparedRun) -> Self:
        """Of all runs, asked once, for the last. Raise Missing for fewer than five, or where they do not compare."""
        runs = compared.search
        if len(runs) < _FEWEST_RUNS or view.run is not runs[-1]:
            raise Missing("needs five runs or more: treedebug.compare of all runs of a search, judged with the last")
        losses = search_losses(runs)
        best = min(range(len(runs)), key=lambda i: float(losses[i].valid[losses[i].best]))
        found = [d for d in score_differences(runs, best) if d is not None]
        if len(found) < len(runs) - 1:
            raise Missing("some runs cannot be compared with the best: other rows, or another metric")
        first = losses[best]
        return cls(
            dataset=first.dataset,
            metric=first.metric,
            n_runs=len(runs),
            n_rows=runs[best].header.data.get(first.dataset, {}).get("n_rows"),
            best=found[0].reference_value,
            n_tied=sum(not d.is_worse for d in found),
            noise=statistics.median(_noise(d) for d in found),
            furthest=max(abs(d.difference) for d in found),
        )


def _noise(difference: ScoreDifference) -> float:
    return (difference.high - difference.low) / (2.0 * _SIGMAS)
