"""Audience: who hears of findings, in the training itself or beside it. One that raises is noted and left out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from treedebug.core.findings import FindingEvent
from treedebug.core.protocols import Action, Knobs, Listener
from treedebug.core.run.run_data import Note, RunData


class Audience:
    """`listeners` hear what changed, `actions` what stands, at each look at a run."""

    def __init__(self, listeners: Sequence[Listener] = (), actions: Sequence[Action] = ()) -> None:
        self._listeners = tuple(listeners)
        self.actions = tuple(actions)

    def hear(self, run: RunData, events: Sequence[FindingEvent], knobs: Knobs, *, final: bool) -> None:
        """Tell everybody of one look. Never raises: the findings are safe whatever an action does."""
        for listener in self._listeners:
            self._call(run, listener, functools.partial(listener.on_events, run, events, final=final))
        for action in self.actions:
            self._call(run, action, functools.partial(action.on_findings, run, list(run.findings), knobs))
        for action in self.actions if final else ():
            end = getattr(action, "on_end", None)
            if callable(end):
                self._call(run, action, functools.partial(end, run))

    def _call(self, run: RunData, one: Listener | Action, call: Callable[[], None]) -> None:
        try:
            call()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - an action may be anyone's; it must not break the record
            message = f"{one!r} failed and is left out from now on: {type(error).__name__}: {error}"
            run.notes.append(Note("actions", message, run.n_rounds))
            self._listeners = tuple(x for x in self._listeners if x is not one)
            self.actions = tuple(x for x in self.actions if x is not one)
