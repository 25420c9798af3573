"""The progress line while it trains: rounds, speed, time left, the last metrics, and how many findings stand."""

from __future__ import annotations

import time

from treedebug.core.run.run_data import RunData
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.phrasing import duration_text, one_line, plural, short

_SECONDS_BETWEEN = 0.1
_WIDEST = 100
_FAST = 10


class ProgressLine:
    """A `Progress` that shows rounds, speed, time left, the last metrics and the number of open findings.

    On a terminal one line is rewritten at most ten times a second. Elsewhere (a log, a notebook) a plain line is
    printed at every tenth of the planned rounds, or at 1, 10, 20, 50, 100, 200, 500, ... where none are planned.
    """

    def __init__(self, console: LiveConsole | None = None) -> None:
        self._console = console or LiveConsole()
        self._run: RunData | None = None
        self._began = 0.0
        self._first = 0
        self._in_place = False
        self._due = 0.0
        self._next = 0
        self._shown = -1

    def on_round(self, run: RunData) -> None:
        """Draw if it is time to; costs well under a microsecond otherwise."""
        if run is not self._run:
            if not run.header.fold:  # of the folds trained side by side, the first speaks for all
                self._begin(run)
        elif self._in_place:
            if time.monotonic() >= self._due:
                self._draw(run)
        elif run.rounds.n_rounds >= self._next:
            self._draw(run)

    def close(self) -> None:
        """Show where the training ended and leave the line; safe to call twice."""
        if self._run is not None:
            if self._run.n_rounds != self._shown or self._in_place:
                self._draw(self._run, is_last=True)
            self._console.end_status()
            self._run = None

    def _begin(self, run: RunData) -> None:
        self._run = run
        self._began = time.monotonic()
        self._first = run.n_rounds
        self._in_place = self._console.is_terminal
        self._draw(run)

    def _draw(self, run: RunData, *, is_last: bool = False) -> None:
        total = run.header.planned_rounds
        pace = pace_text(
            time.monotonic() - self._began, run.n_rounds - self._first, run.n_rounds, None if is_last else total
        )
        text = status_text(run, total, pace, self._console.width if self._in_place else _WIDEST)
        self._shown = run.n_rounds
        if self._in_place:
            self._console.status(text)
            self._due = time.monotonic() + _SECONDS_BETWEEN
        else:
            self._console.line(text)
            self._next = _next_line(self._shown, run.header.start_round, total)


def pace_text(elapsed: float, rounds: int, done: int, total: int | None) -> str:
    """Say "120/s, 30s left": `rounds` took `elapsed` seconds, and of `total` so many are `done`."""
    if rounds <= 0 or elapsed <= 0:
        return ""
    rate = rounds / elapsed
    speed = f"{rate:.0f}/s" if rate >= _FAST else f"{rate:.3g}/s" if rate >= 1 else f"{1 / rate:.3g} s each"
    if total is None or done >= total:
        return speed
    return f"{speed}, {duration_text((total - done) / rate)} left"


def status_text(run: RunData, total: int | None, pace: str, width: int) -> str:
    """Return the line itself: as many of the last metrics as fit."""
    head = f"round {run.n_rounds}" if total is None else f"round {run.n_rounds}/{total}"
    found = plural(len(run.standing), "finding") if run.standing else ""
    base = ", ".join(p for p in (head, pace, found) if p)
    for metrics in _metrics(run):
        if len(base) + len(metrics) + 2 <= width:
            return f"{base}: {metrics}"
    return base[:width]


def _next_line(done: int, start: int, total: int | None) -> int:
    if total is not None and total > start:
        planned = total - start
        tenth = ((done - start) * 10) // planned + 1
        return start + -(-tenth * planned // 10)
    step = 10
    while True:
        for factor in (1, 2, 5):
            if done - start < step * factor:
                return start + step * factor
        step *= 10


def _metrics(run: RunData) -> list[str]:
    """Return the last value of each metric, all of them, then ever fewer, the last (validation) kept longest."""
    shown = []
    for dataset, metric in run.evals.keys():  # a method of our own, not a dict's
        values = run.evals.series(dataset, metric).values
        if len(values):
            shown.append(f"{one_line(dataset)} {one_line(metric)} {short(float(values[-1]))}")
    return [", ".join(shown[i:]) for i in range(len(shown))]
