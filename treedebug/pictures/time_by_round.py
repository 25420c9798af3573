"""Time: what each round took, and where the time went."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of
from treedebug.pictures.thinning import bin_means, round_bins


@dataclass(frozen=True, kw_only=True, eq=False)
class TimeByRound(Picture):
    """Seconds by bins of rounds; columns (n_bins,), NaN where unknown."""

    name: ClassVar[str] = "time_by_round"
    question: ClassVar[str] = "Where did the time go, and do the rounds get slower?"

    rounds: Ints
    """First round of each bin."""
    last_rounds: Ints
    seconds: Floats
    """Mean of the rounds of the bin."""
    slowest: Floats
    evaluation_seconds: Floats
    """Mean: metrics, and callbacks before the recorder; part of `seconds`."""
    busy_cores: Floats
    """CPU seconds of the process by wall seconds."""
    peak_memory: Floats
    """Bytes: the largest so far."""
    total_seconds: float
    total_boosting: float
    """Of all rounds whose evaluation time is known, the rest of the time; NaN where none is."""
    total_evaluation: float
    setup_seconds: float
    """What the first round took longer than the median: the library's preparations."""
    usual_seconds: float
    """Median of the rounds but the first."""
    n_cores: int
    """That the process may use; 0 where unknown."""


def time_by_round(run: AnyRun) -> TimeByRound | NoPicture:
    """Return the seconds over the rounds."""
    data = data_of(run)
    log = data.rounds
    known = np.isfinite(log.seconds) & (log.seconds >= 0)
    if not known.any():
        return NoPicture("no times were recorded (a saved model has none)")
    rounds, seconds = log.rounds[known], log.seconds[known]
    edges = round_bins(int(rounds[-1]) + 1, start=int(rounds[0]))
    place, n = np.searchsorted(edges, rounds, side="right") - 1, len(edges) - 1
    slowest, peak = np.full(n, np.nan), np.full(n, np.nan)
    np.fmax.at(slowest, place, seconds)
    np.fmax.at(peak, place, log.peak_memory[known])
    evaluation = log.evaluation_seconds[known]
    told = np.isfinite(evaluation)
    usual = float(np.median(seconds[1:] if len(seconds) > 1 else seconds))
    with np.errstate(invalid="ignore", divide="ignore"):
        busy = _means(log.cpu_seconds[known], place, n) / _means(seconds, place, n)
    return TimeByRound(
        rounds=edges[:-1],
        last_rounds=edges[1:] - 1,
        seconds=_means(seconds, place, n),
        slowest=slowest,
        evaluation_seconds=_means(evaluation, place, n),
        busy_cores=busy,
        peak_memory=peak,
        total_seconds=float(seconds.sum()),
        total_boosting=float((seconds - evaluation)[told].sum()) if told.any() else math.nan,
        total_evaluation=float(evaluation[told].sum()) if told.any() else math.nan,
        setup_seconds=max(float(seconds[0]) - usual, 0.0),
        usual_seconds=usual,
        n_cores=int(data.header.host.get("n_cpus") or 0),
    )


def _means(values: Floats, place: NDArray[np.int64], n: int) -> Floats:
    told = np.isfinite(values)
    return bin_means(values[told], place[told], n)
