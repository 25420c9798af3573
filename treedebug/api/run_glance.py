"""One run at a glance: rounds, pace, time left, the deciding curve, and what was found."""

from __future__ import annotations

import numpy as np

from treedebug.api.run_score import score_of
from treedebug.api.watched_run import RUNNING, WatchedRun
from treedebug.core.report import RunGlance
from treedebug.core.run.eval_log import EvalSeries
from treedebug.core.run.run_data import RunData

_MOST_POINTS = 60
_RECENT = 50
"""The pace is that of so many last rounds."""


def glance(watched: WatchedRun) -> RunGlance:
    """Return where a watched run stands."""
    run = watched.run
    score = score_of(run)
    series = _curve(run) if score is None else run.evals.series(score.dataset, score.metric)
    pace = _pace(run)
    planned = run.header.planned_rounds
    is_on = watched.state == RUNNING and pace is not None and planned is not None
    return RunGlance(
        label=watched.label,
        state=watched.state,
        n_rounds=run.n_rounds,
        planned_rounds=planned,
        seconds_a_round=pace,
        seconds_left=max(planned - run.n_rounds, 0) * pace if is_on and planned and pace else None,
        metric="" if series is None else f"{series.dataset} {series.metric}",
        curve=() if series is None else _points(series),
        last=None if series is None or not len(series.values) else float(series.values[-1]),
        best=None if score is None else score.best,
        best_round=None if score is None else score.best_round,
        findings=tuple(watched.findings),
        notes=tuple(n.message for n in run.notes if n.topic == "actions"),
        error=watched.error,
    )


def _curve(run: RunData) -> EvalSeries | None:
    """Return the last metric evaluated; None without any."""
    keys = run.evals.keys()  # a method of our own, not a dict's
    return run.evals.series(*list(keys)[-1]) if keys else None


def _points(series: EvalSeries) -> tuple[float, ...]:
    """Return the curve, thinned evenly to what a line can show; its ends are kept."""
    values = series.values
    chosen = np.unique(np.linspace(0, len(values) - 1, min(len(values), _MOST_POINTS)).astype(int))
    return tuple(float(values[i]) for i in chosen)


def _pace(run: RunData) -> float | None:
    seconds = run.rounds.seconds[-_RECENT:]
    known = seconds[np.isfinite(seconds)]
    return float(known.mean()) if len(known) else None
