"""A search while it runs: one line a trial, and a sum of all trials when the search returns."""

from __future__ import annotations

import logging
import weakref
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from treedebug.api.run_score import score_of
from treedebug.core.findings import FindingEvent, Severity
from treedebug.core.report import Score
from treedebug.core.run.run_data import FINISHED, RunData
from treedebug.recorders.method_hook import MethodHook
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.search_lines import EndedTrial, search_line, trial_line
from treedebug.store.writing.run_place import RunPlace
from treedebug.store.writing.search_trial import SearchTrial

_LOGGER = logging.getLogger("treedebug")


class TrialLine:
    """A `Listener` that prints one line for a trial, when its training has ended; `console` None: to the log alone."""

    def __init__(self, console: LiveConsole | None, trial: SearchTrial, place: RunPlace, base: Path | None) -> None:
        self._console = console
        self._place = place
        self._base = base
        self._fallback = trial.place
        self._search = _Search.of(trial, console, base)

    @property
    def name(self) -> str:
        """The run's place, from the folder of the search on."""
        path = self._place.path
        if path is None or self._base is None or not path.is_relative_to(self._base.parent):
            return self._fallback
        return path.relative_to(self._base.parent).as_posix()

    def on_events(self, run: RunData, events: Sequence[FindingEvent], *, final: bool) -> None:
        """Say how the trial ended and what was found, when it has ended."""
        del events
        if not final:
            return
        state = str((run.ending or {}).get("state", FINISHED))
        ended = EndedTrial(self.name, run.n_rounds, state, score_of(run), tuple(run.findings))
        _say(trial_line(ended), self._console)
        if self._search is not None:
            self._search.add(ended)


class _Search:
    """The trials of one search of this process; says the sum when the search lets go of what it holds."""

    known: ClassVar[weakref.WeakKeyDictionary[object, _Search]] = weakref.WeakKeyDictionary()

    def __init__(self, console: LiveConsole | None, base: Path | None) -> None:
        self._console = console
        self._base = base
        self._states: Counter[str] = Counter()
        self._found: Counter[tuple[Severity, str, str]] = Counter()
        self._best: EndedTrial | None = None
        self.hook: MethodHook | None = None
        """On the last act of the search."""

    @classmethod
    def of(cls, trial: SearchTrial, console: LiveConsole | None, base: Path | None) -> _Search | None:
        """Return the search of a trial, None where its end cannot be seen from here."""
        if trial.until is None:
            return None
        if trial.until not in cls.known:
            cls.known[trial.until] = search = cls(console, base)
            if hasattr(type(trial.until), trial.until_method):
                search.hook = MethodHook(trial.until, trial.until_method, before=lambda *_, **__: search.say())
            else:
                weakref.finalize(trial.until, search.say).atexit = False
        return cls.known[trial.until]

    def add(self, ended: EndedTrial) -> None:
        """Count a trial."""
        self._states[ended.state] += 1
        self._found.update({(f.severity, f.code, f.name): 1 for f in ended.findings})
        if ended.score is not None and (self._best is None or _is_better(ended.score, self._best.score)):
            self._best = ended

    def say(self) -> None:
        """Say the sum."""
        if self.hook is not None:
            self.hook.remove()
        if self._states:
            _say(search_line(self._base, self._states, self._best, self._found), self._console)


def _is_better(score: Score, than: Score | None) -> bool:
    if than is None or (score.dataset, score.metric) != (than.dataset, than.metric):
        return False
    return score.best > than.best if score.higher_is_better else score.best < than.best


def _say(text: str, console: LiveConsole | None) -> None:
    _LOGGER.info("%s", text)
    if console is not None:
        console.line(text)
