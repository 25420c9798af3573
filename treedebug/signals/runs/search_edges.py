"""Parameters of a search whose best value is the least or the largest that was tried."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

from treedebug.core.run.run_data import ComparedRun, Header, RunData, RunView
from treedebug.engine.resolve import Missing, Resolver
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.runs.run_pair import LossChange, RunPair

_FEWEST_RUNS, _FEWEST_VALUES = 3, 3
_BOUNDS = {
    "subsample": (0.0, 1.0), "colsample_bytree": (0.0, 1.0), "colsample_bylevel": (0.0, 1.0),
    "colsample_bynode": (0.0, 1.0), "gamma": (0.0, math.inf), "min_split_gain": (0.0, math.inf),
    "reg_alpha": (0.0, math.inf), "reg_lambda": (0.0, math.inf), "min_child_weight": (0.0, math.inf),
    "min_child_samples": (1, math.inf), "max_depth": (1, math.inf), "num_leaves": (2, math.inf),
}  # fmt: skip
"""Values beyond which there is none."""


@dataclass(frozen=True)
class Edge:
    """A parameter whose best value stands at the edge of those that were tried."""

    name: str
    value: float
    values: tuple[float, ...]
    """All values tried, ascending."""
    beyond: float
    """The next value in that direction."""
    gain: float
    """How much better the best run of the edge is than the best of the next value, as a share of the metric."""
    sigmas: float = math.inf
    """How much better it is than the best of another value, whichever is furthest, in standard deviations of chance;
    without end where that is not known."""


@dataclass(frozen=True, eq=False)
class SearchEdges:
    """The edges of a search over runs of one library, judged by one metric."""

    metric: str
    n_runs: int
    edges: tuple[Edge, ...]
    header: Header
    """Of the best run."""

    @classmethod
    def measure(cls, view: RunView, compared: ComparedRun) -> Self:
        """Of all runs, asked once, for the last. Raise Missing for fewer than three, or where they do not compare."""
        runs = compared.search
        if len(runs) < _FEWEST_RUNS or view.run is not runs[-1]:
            raise Missing("needs three runs or more: treedebug.compare of all runs of a search, judged with the last")
        losses = search_losses(runs)
        first = losses[0]
        scores = [float(x.valid[x.best]) for x in losses]
        best = min(range(len(runs)), key=lambda i: scores[i])
        names = {n for run in runs[1:] for n in RunPair(run, runs[0]).changed_numbers}
        found = (_edge(name, runs, scores, best) for name in sorted(names))
        return cls(first.metric, len(runs), tuple(e for e in found if e is not None), runs[best].header)


def search_losses(runs: tuple[RunData, ...]) -> list[EvalLoss]:
    """Return the curve that decides of each run. Raise Missing where that is not the same for all."""
    losses = [_loss(run) for run in runs]
    if any((x.dataset, x.metric) != (losses[0].dataset, losses[0].metric) for x in losses):
        raise Missing("the runs are not judged by one metric on one dataset")
    return losses


def _loss(run: RunData) -> EvalLoss:
    loss: EvalLoss = Resolver(run.at(run.n_rounds, final=True)).get(EvalLoss)
    return loss


def _edge(name: str, runs: tuple[RunData, ...], scores: list[float], best: int) -> Edge | None:
    by_value: dict[float, int] = {}
    for i, run in enumerate(runs):
        value = run.header.params.get(name)
        if not isinstance(value, int | float):
            return None
        by_value[float(value)] = min(i, by_value.get(float(value), i), key=lambda k: scores[k])
    values, at = sorted(by_value), float(runs[best].header.params[name])
    if len(values) < _FEWEST_VALUES or at not in (values[0], values[-1]):
        return None
    inner = values[1] if at == values[0] else values[-2]
    beyond = at * at / inner if min(values) > 0 and _is_geometric(values) else 2.0 * at - inner
    low, high = _BOUNDS.get(name, (0.0, math.inf))
    if at in (low, high):
        return None
    next_best = by_value[inner]
    sigmas = [_sigmas(runs[i], runs[best]) for value, i in by_value.items() if value != at]
    gain = (scores[next_best] - scores[best]) / max(abs(scores[next_best]), 1e-300)
    return Edge(name, at, tuple(values), min(max(beyond, low), high), gain, max(sigmas))


def _sigmas(then: RunData, now: RunData) -> float:
    """How much better a run is than another, in standard deviations of chance, by their losses on the same rows."""
    try:
        change = LossChange.measure(RunPair(now, then))
    except Missing:
        return math.inf
    return -change.difference / change.noise if change.is_paired and change.noise > 0 else math.inf


def _is_geometric(values: list[float]) -> bool:
    """Return whether the values grow by factors, more than by steps."""
    return values[-1] / values[0] > 2.0 * len(values)
