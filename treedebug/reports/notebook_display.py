"""The training as it goes, in one output of a notebook; elsewhere the progress line."""

from __future__ import annotations

import importlib
import sys
import time
from typing import Any

from treedebug.core.protocols import Progress
from treedebug.core.run.run_data import RunData
from treedebug.reports.html.notebook import live_card
from treedebug.reports.progress_line import pace_text, status_text

_SECONDS_BETWEEN = 0.5
_SHARE = 20
"""A drawing that took a second is not repeated for twenty."""
_WIDTH = 200


def notebook_display(otherwise: Progress) -> Progress:
    """Return a `Progress` that draws in the notebook this runs in; `otherwise` where there is none."""
    return NotebookDisplay() if in_notebook() else otherwise


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook (Jupyter, VS Code, Colab)."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


class NotebookDisplay:
    """A `Progress` that rewrites one output, at most twice a second, and takes at most a twentieth of the time."""

    def __init__(self) -> None:
        self._run: RunData | None = None
        self._handle: Any = None
        self._began = self._due = 0.0
        self._first = 0

    def on_round(self, run: RunData) -> None:
        """Draw if it is time to."""
        if time.monotonic() < self._due:
            return
        if run is not self._run:
            if run.header.fold:  # of the folds trained side by side, the first speaks for all
                return
            self._run, self._handle = run, None
            self._began, self._first = time.monotonic(), run.n_rounds
        self._draw(run, is_last=False)

    def close(self) -> None:
        """Show how it ended; safe to call twice."""
        if self._run is not None:
            self._draw(self._run, is_last=True)
            self._run = None
            self._due = 0.0

    def _draw(self, run: RunData, *, is_last: bool) -> None:
        began = time.monotonic()
        total = run.header.planned_rounds
        pace = pace_text(began - self._began, run.n_rounds - self._first, run.n_rounds, None if is_last else total)
        shown = Drawn(live_card(run, status_text(run, total, pace, _WIDTH), run.standing))
        if self._handle is None:
            self._handle = _display(shown)
        else:
            self._handle.update(shown)
        now = time.monotonic()
        self._due = now + max(_SECONDS_BETWEEN, _SHARE * (now - began))


class Drawn:
    """HTML that an output can show, and plain text beside it."""

    def __init__(self, html: str) -> None:
        self._html = html

    def _repr_html_(self) -> str:
        """Return the HTML."""
        return self._html

    def __repr__(self) -> str:
        """Return what a reader without HTML sees."""
        return "<treedebug: a training under way>"


def _display(shown: Drawn) -> Any:
    return importlib.import_module("IPython.display").display(shown, display_id=True)
