"""What the best metric of each run costs in leaves and in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.pictures.compared_runs import NO_METRIC, scored
from treedebug.pictures.picture import AnyRun, Floats, NoPicture, Picture

_FEWEST = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Pareto(Picture):
    """One row a run. On the front are the runs that none beats in the metric at the same cost or less."""

    name: ClassVar[str] = "pareto"
    question: ClassVar[str] = "Which run is worth its size and its time?"

    metric: str
    higher_is_better: bool
    runs: tuple[str, ...]
    values: Floats
    """Best value of the metric."""
    leaves: Floats
    seconds: Floats
    on_front_of_leaves: tuple[bool, ...]
    on_front_of_seconds: tuple[bool, ...]


def pareto(runs: Sequence[AnyRun], labels: Sequence[str]) -> Pareto | NoPicture:
    """Return metric, leaves and seconds of the runs."""
    found = scored(runs, labels)
    if len(found) < _FEWEST:
        return NoPicture(NO_METRIC)
    first = found[0].loss
    values = np.array([s.best for s in found])
    leaves, seconds = np.array([s.leaves for s in found]), np.array([s.seconds for s in found])
    loss = -values if first.higher_is_better else values
    return Pareto(
        metric=first.metric,
        higher_is_better=first.higher_is_better,
        runs=tuple(s.label for s in found),
        values=values,
        leaves=leaves,
        seconds=seconds,
        on_front_of_leaves=front(loss, leaves),
        on_front_of_seconds=front(loss, seconds),
    )


def front(loss: Floats, cost: Floats) -> tuple[bool, ...]:
    """Return which points no other one beats: at most its loss and cost, and less of one of them."""
    return tuple(
        bool(
            np.isfinite(cost[i])
            and not ((loss <= loss[i]) & (cost <= cost[i]) & ((loss < loss[i]) | (cost < cost[i]))).any()
        )
        for i in range(len(loss))
    )
