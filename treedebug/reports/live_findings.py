"""Findings while it trains: a line when one opens, and a line when one that was said no longer holds."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from treedebug.core.findings import Finding, FindingEvent, Severity
from treedebug.core.run.run_data import RunData
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.phrasing import one_line, plural, tried_text

_LOGGER = logging.getLogger("treedebug")
_LOGGER.addHandler(logging.NullHandler())
_LEVELS = {Severity.INFO: logging.INFO, Severity.WARNING: logging.WARNING, Severity.ERROR: logging.ERROR}
_FEATURES = "FT"
_FIRM, _EARLY = 2, 40
"""A finding on features is said once the rounds have doubled since it was first seen, and are so many: the first trees
mislead."""


class LiveFindings:
    """A `Listener` that prints a line for each warning and error when it opens, and when it no longer holds.

    Infos wait for the report. Every line goes to the logger `treedebug` too, and only there without a console.
    """

    def __init__(self, console: LiveConsole | None = None, *, name: str = "") -> None:
        self._console = console
        self._name = name
        """Of the run, where one callback records several."""
        self._said: dict[tuple[str, str], Finding] = {}

    def on_events(self, run: RunData, events: Sequence[FindingEvent], *, final: bool = False) -> None:
        """Print what stands and was not said, and what was said and does not stand."""
        del events  # what stands is asked of the run: a finding may have waited since it opened
        standing = {f.key: f for f in run.findings}
        for key in [key for key in self._said if key not in standing]:
            finding = self._said.pop(key)
            self._say(f"withdrawn {finding.code} {finding.name}{self._after(run)}: it no longer holds", Severity.INFO)
        for key, finding in standing.items():
            if key not in self._said and finding.severity > Severity.INFO and _is_firm(finding, run, final=final):
                self._said[key] = finding
                self._say(finding_line(finding, self._after(run)), finding.severity)

    def _after(self, run: RunData) -> str:
        which = [self._name] if self._name else []
        which += [f"fold {run.header.fold}"] if run.header.fold is not None and not self._name else []
        return f" after {plural(run.n_rounds, 'round')}" + (f" ({one_line(', '.join(which))})" if which else "")

    def _say(self, text: str, severity: Severity) -> None:
        _LOGGER.log(_LEVELS[severity], "%s", text)
        if self._console is not None:
            self._console.line(text, severity=severity.label if text.startswith(severity.label) else "")


def _is_firm(finding: Finding, run: RunData, *, final: bool) -> bool:
    if final or not finding.code.startswith(_FEATURES):
        return True
    return run.n_rounds >= max(_EARLY, _FIRM * (finding.detected_at or run.n_rounds))


def finding_line(finding: Finding, after: str) -> str:
    """Say "warning CV102 overtraining after 60 rounds: ...; try max_depth=6, ..."."""
    tried = tried_text(finding.try_next)
    head = f"{finding.severity.label} {finding.code} {finding.name}{after}"
    message = one_line(finding.message)
    return f"{head}: {message.removesuffix('.')}; {tried}" if tried else f"{head}: {message}"
