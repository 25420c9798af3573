"""The deciding metric of several runs, by round and by seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.pictures.compared_runs import NO_METRIC, Scored, scored
from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture
from treedebug.pictures.thinning import thinned

_FEWEST = 2
_MOST_POINTS = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class ComparedCurve:
    """One run; columns are points as recorded, thinned."""

    run: str
    position: int
    """Among the runs compared."""
    dataset: str
    rounds: Ints
    seconds: Floats
    """Since the start of the training, after each round; NaN where unknown."""
    values: Floats
    best_round: int
    best_value: float
    last_value: float


@dataclass(frozen=True, kw_only=True, eq=False)
class ComparedCurves(Picture):
    """Curves of the metric that most of the runs decide by."""

    name: ClassVar[str] = "compared_curves"
    question: ClassVar[str] = "Which run is best, by round and by time?"

    metric: str
    higher_is_better: bool
    curves: tuple[ComparedCurve, ...]
    n_left_out: int
    """Runs that do not watch the metric, or beyond the fiftieth."""


def compared_curves(runs: Sequence[AnyRun], labels: Sequence[str]) -> ComparedCurves | NoPicture:
    """Return the deciding metric of the runs."""
    found = scored(runs, labels)
    if len(found) < _FEWEST:
        return NoPicture(NO_METRIC)
    first = found[0].loss
    return ComparedCurves(
        metric=first.metric,
        higher_is_better=first.higher_is_better,
        curves=tuple(_curve(s) for s in found),
        n_left_out=len(runs) - len(found),
    )


def _curve(s: Scored) -> ComparedCurve:
    loss, log = s.loss, s.run.rounds
    values = -loss.valid if loss.higher_is_better else loss.valid
    passed = (
        np.cumsum(np.nan_to_num(log.seconds)) if np.isfinite(log.seconds).any() else np.full(log.n_recorded, np.nan)
    )
    seconds = np.append(passed, np.nan)[np.searchsorted(log.rounds, loss.rounds)]
    kept = thinned(values, most=_MOST_POINTS, keep=(loss.best,))
    return ComparedCurve(
        run=s.label,
        position=s.position,
        dataset=loss.dataset,
        rounds=loss.rounds[kept],
        seconds=seconds[kept],
        values=values[kept],
        best_round=loss.best_round,
        best_value=s.best,
        last_value=float(values[-1]),
    )
