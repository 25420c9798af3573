"""Folds of cross-validations, by candidate: mean, spread, and which folds disagree."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from treedebug.core.run.run_data import RunData
from treedebug.engine.resolve import Missing, Resolver
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.sampling_noise import sampling_noise

_FEWEST = 2
_DISAGREES = 3.0
"""Standard deviations of chance."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """The folds of one cross-validation, each at its best round. `folds` and `values` stand beside each other."""

    candidate: str
    metric: str
    higher_is_better: bool
    folds: tuple[str, ...]
    positions: tuple[int, ...]
    """Of the folds, among all runs that are compared."""
    values: tuple[float, ...]
    mean: float
    deviation: float
    """Standard deviation over the folds (n - 1)."""
    disagree: tuple[str, ...]
    """Folds that are further from the mean of the others than their rows and the others' spread explain."""


def candidates(runs: Sequence[RunData], labels: Sequence[str]) -> tuple[Candidate, ...]:
    """Return the candidates, the best mean first; empty unless two runs or more are folds of one cross-validation."""
    folds: dict[str, list[tuple[int, EvalLoss]]] = defaultdict(list)
    for i, run in enumerate(runs):
        loss = _loss(run)
        if run.header.fold is not None and loss is not None:
            folds[str(PurePath(labels[i]).parent)].append((i, loss))
    found = [_candidate(name, own, runs, labels) for name, own in folds.items() if len(own) >= _FEWEST]
    return tuple(sorted(found, key=lambda c: -c.mean if c.higher_is_better else c.mean))


def _loss(run: RunData) -> EvalLoss | None:
    try:
        loss: EvalLoss = Resolver(run.at(run.n_rounds, final=True)).get(EvalLoss)
    except Missing:
        return None
    return loss


def _candidate(
    name: str, folds: Sequence[tuple[int, EvalLoss]], runs: Sequence[RunData], labels: Sequence[str]
) -> Candidate:
    first = folds[0][1]
    same = [(i, loss) for i, loss in folds if loss.metric == first.metric]
    values = [loss.shown(float(loss.valid[loss.best])) for _, loss in same]
    noise = [
        sampling_noise(loss.metric, abs(value), runs[i].header.data.get(loss.dataset, {}))
        for (i, loss), value in zip(same, values, strict=True)
    ]
    names = [PurePath(labels[i]).name for i, _ in same]
    return Candidate(
        candidate=name if name != "." else "all folds",
        metric=first.metric,
        higher_is_better=first.higher_is_better,
        folds=tuple(names),
        positions=tuple(i for i, _ in same),
        values=tuple(values),
        mean=statistics.fmean(values),
        deviation=statistics.stdev(values) if len(values) > 1 else 0.0,
        disagree=tuple(n for n, far in zip(names, _far(values, noise), strict=True) if far),
    )


def _far(values: Sequence[float], noise: Sequence[float]) -> list[bool]:
    """Return which values the others and their own noise do not explain; of fewer than four folds none."""
    found = []
    for i, value in enumerate(values):
        others = [v for k, v in enumerate(values) if k != i]
        if len(others) <= _FEWEST:
            found.append(False)
            continue
        spread = statistics.stdev(others)
        scatter = (noise[i] ** 2 + spread**2 * (1.0 + 1.0 / len(others))) ** 0.5
        found.append(abs(value - statistics.fmean(others)) > _DISAGREES * scatter)
    return found
