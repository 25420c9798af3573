"""How much better or worse runs are than one of them, and whether chance explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from treedebug.core.errors import TreedebugError
from treedebug.core.run.run_data import ComparedRun, RunData
from treedebug.engine.resolve import Missing
from treedebug.signals.runs.run_pair import LossChange, RunPair

_SIGMAS = 1.96


@dataclass(frozen=True, kw_only=True)
class ScoreDifference:
    """The deciding metric of a run less that of the reference, in the metric's units, each at its best round."""

    position: int
    """Of the run, among all that are compared."""
    dataset: str
    metric: str
    value: float
    reference_value: float
    difference: float
    low: float
    """95 % interval of the difference, with which rows happen to be in validation and the noise of both curves."""
    high: float
    is_better: bool
    """Than the reference, beyond chance."""
    is_worse: bool
    is_paired: bool
    """The interval comes from the differences on the same rows; else from the number of rows."""


def score_differences(runs: Sequence[RunData], reference: int) -> tuple[ScoreDifference | None, ...]:
    """Return each run's difference from the reference; None for itself, and for runs that cannot be compared with it.

    Runs can be compared that watch one metric on the same validation rows.
    """
    return tuple(None if i == reference else _difference(run, runs[reference], i) for i, run in enumerate(runs))


def _difference(run: RunData, reference: RunData, position: int) -> ScoreDifference | None:
    try:
        pair = RunPair.measure(run.at(run.n_rounds, final=True), ComparedRun(reference))
        change = LossChange.measure(pair)
    except (Missing, TreedebugError):
        return None
    difference, half = change.now - change.then, _SIGMAS * change.noise
    is_beyond = abs(difference) > half
    return ScoreDifference(
        position=position,
        dataset=change.dataset,
        metric=change.metric,
        value=change.now,
        reference_value=change.then,
        difference=difference,
        low=difference - half,
        high=difference + half,
        is_better=is_beyond and change.difference < 0,
        is_worse=is_beyond and change.difference > 0,
        is_paired=change.is_paired,
    )
