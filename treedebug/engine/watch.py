"""Watcher: the live engine. The recorder tells it of check rounds; it judges, shows and acts."""

from __future__ import annotations

from collections.abc import Sequence

from treedebug.core.findings import FindingEvent
from treedebug.core.protocols import Action, Knobs, Listener
from treedebug.core.run import RunData
from treedebug.engine.evaluate import Timeline, evaluate, replay
from treedebug.engine.rule import Rule


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
        self._listeners = tuple(listeners)
        self._actions = tuple(actions)

    def catch_up(self, run: RunData) -> None:
        """Replay what a resumed run already holds, so that findings keep the round they were first seen in."""
        ending, run.ending = run.ending, None
        self.timeline = replay(run, self.rules)
        run.ending = ending

    def on_check(self, run: RunData, knobs: Knobs, *, final: bool) -> list[FindingEvent]:
        """Judge the run as it stands now."""
        events = self.timeline.advance(evaluate(run.at(run.n_rounds, final=final), self.rules))
        run.findings = list(self.timeline.verdict.findings)
        for listener in self._listeners:
            listener.on_events(run, events)
        for action in self._actions:
            action.on_findings(run, run.findings, knobs)
        return events
