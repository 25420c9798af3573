"""Watcher: the live engine. The recorder tells it of check rounds; it judges, shows and acts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.core.findings import FindingEvent
from treedebug.core.protocols import Action, Knobs, Listener
from treedebug.core.run.run_data import Note, RunData
from treedebug.engine.audience import Audience
from treedebug.engine.evaluate import Timeline, changes, evaluate, replay
from treedebug.engine.rule import Rule


def check_actions(actions: Any) -> None:
    """Raise ConfigError, before any training, for anything but a list of actions."""
    if isinstance(actions, str | bytes) or not isinstance(actions, Collection):
        raise ConfigError(f"actions= takes a list, such as [treedebug.StopTraining()]; got {actions!r}")
    for action in actions:
        if isinstance(action, type) or not callable(getattr(action, "on_findings", None)):
            raise ConfigError(
                f"actions= takes objects with on_findings(run, findings, knobs), such as treedebug.StopTraining(); "
                f"got {action!r}"
            )


def waits_for(action: Action, code: str, name: str) -> bool:
    """Return whether an action acts on the findings of a rule, as far as its attribute `on` says."""
    on = getattr(action, "on", ())
    words = [o for o in on if isinstance(o, str)] if isinstance(on, list | tuple | set | frozenset) else []
    return any(code.startswith(o.upper()) or name == o.lower() for o in words)


class Watcher:
    """Evaluates `rules` at check rounds and hands what changed to `listeners`, what stands to `actions`."""

    def __init__(
        self,
        rules: Sequence[Rule],
        *,
        listeners: Sequence[Listener] = (),
        actions: Sequence[Action] = (),
    ) -> None:
        self.rules = tuple(rules)
        self.timeline = Timeline()
        self._audience = Audience(listeners, actions)
        self._is_behind = False
        self._crashed: set[str] = set()
        """Codes of rules whose crash is noted."""

    def catch_up(self, run: RunData) -> None:
        """Replay what a resumed run already holds, so that findings keep the round they were first seen in.

        What was found only because the training had ended no longer stands; neither does what today's configuration
        does not find. The next check replays once more, for the first round may complete the header.
        """
        self._is_behind = True
        self.timeline = replay(run, self.rules, before=run.n_rounds + 1)
        run.findings = list(self.timeline.verdict.findings)

    def on_check(self, run: RunData, knobs: Knobs, *, final: bool) -> list[FindingEvent]:
        """Judge the run as it stands now."""
        if self._is_behind:
            self.timeline = replay(run, self.rules, before=run.n_rounds + final)  # at the end, its last round was seen
            self._is_behind = False
        view = run.at(run.n_rounds, final=final)
        self.timeline.advance(evaluate(view, self.rules, settled=self.timeline.settled))
        now = list(self.timeline.verdict.findings)
        events = changes(run.findings, now, run.n_rounds)
        run.findings = now
        self._note_crashes(run)
        self._audience.hear(run, events, knobs, final=final)
        return events

    def _note_crashes(self, run: RunData) -> None:
        """Note each rule that crashes, once, and the actions that wait for it: it must not pass for silent."""
        for crash in self.timeline.verdict.crashed:
            if crash.code not in self._crashed:
                self._crashed.add(crash.code)
                waiting = [repr(a) for a in self._audience.actions if waits_for(a, crash.code, crash.name)]
                waits = f"; {' and '.join(waiting)} waits for it in vain" if waiting else ""
                message = f"rule {crash.code} {crash.name} crashed and finds nothing: {crash.error}{waits}"
                if all(note.message != message for note in run.notes):
                    run.notes.append(Note("rules", message, run.n_rounds))
