"""Watched runs as plain lines, for logs and pipes: when a run begins, at each tenth of it, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence

from treedebug.core.report import RunGlance
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.phrasing import one_line, printable
from treedebug.reports.watch_screen import status_text

_TENTHS = 10


class WatchLines:
    """Prints a line when a run changes its state, or has come a tenth further. Findings have their own lines."""

    def __init__(self, console: LiveConsole) -> None:
        self._console = console
        self._said: dict[str, tuple[str, int]] = {}
        self._n_notes: dict[str, int] = {}

    def show(self, runs: Sequence[RunGlance]) -> None:
        """Print what is new since the last call."""
        for run in runs:
            tenth = _TENTHS * run.n_rounds // run.planned_rounds if run.planned_rounds else 0
            for note in run.notes[self._n_notes.get(run.label, 0) :]:
                self._console.line(f"{printable(run.label)}: {one_line(note)}")
            self._n_notes[run.label] = len(run.notes)
            if self._said.get(run.label) != (run.state, tenth):
                self._said[run.label] = (run.state, tenth)
                self._console.line(f"{printable(run.label)}: {run.state}: {one_line(run.error) or status_text(run)}")
