"""WatchedRun: one run, followed from another process than the one that trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from treedebug.api.liveness import pulse
from treedebug.api.run_report import run_report
from treedebug.api.subject import RUN, Subject
from treedebug.core.errors import TreedebugError
from treedebug.core.finding_order import in_order
from treedebug.core.findings import Finding, FindingEvent
from treedebug.core.protocols import Action, Listener
from treedebug.core.report import CheckReport
from treedebug.core.run.run_data import Pulse, RunData
from treedebug.engine.audience import Audience
from treedebug.engine.rule import Rule
from treedebug.engine.run_judge import RunJudge
from treedebug.readers.library_readers import read_batch
from treedebug.store.action_log import write_actions
from treedebug.store.disk_store import DiskSource
from treedebug.store.remote.remote_place import RemotePlace
from treedebug.store.run_tail import RunTail
from treedebug.store.stop_file import STOP_NAME, StopOrder, write_stop

RUNNING, KILLED, UNREADABLE = "running", "killed", "unreadable"


class OutsideKnobs:
    """The knobs of a training in another process: leaves a request beside the run, which its recorder looks for."""

    def __init__(self, watched: WatchedRun) -> None:
        self._watched = watched
        self._has_asked = False

    def stop(self, *, best_round: int | None, reason: str) -> None:
        """Ask, once; there is nothing to stop where the training has ended. Raise StoreError if that cannot be left."""
        run = self._watched.run
        if not self._has_asked and not run.ended:
            self._has_asked = True
            order = StopOrder(best_round, f"{reason} (asked for by treedebug watch)")
            write_stop(self._watched.path, run_id=run.header.run_id, order=order)
            if self._watched.remote is not None:  # what was written is but a copy
                file = self._watched.path / STOP_NAME
                self._watched.remote.write(STOP_NAME, file.read_bytes())
                file.unlink()


class WatchedRun:
    """A run at `path`, read and judged as it grows. `label` names it on the screen.

    `configured` are actions that the training itself takes, unless it was recorded without judging.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        path: Path,
        rules: Sequence[Rule],
        *,
        label: str = "",
        actions: Sequence[Action] = (),
        configured: Sequence[Action] = (),
        listeners: Sequence[Listener] = (),
    ) -> None:
        self.path = path
        self.label = label or path.name
        self.remote: RemotePlace | None = None
        """Where the run is, if `path` is a copy of it."""
        self.error = ""
        """Why the run cannot be read."""
        self._tail = RunTail(DiskSource(path), read_batch)
        self._judge = RunJudge(rules)
        self._audience: Audience | None = None
        self._listeners, self._actions, self._configured = listeners, actions, configured
        self._knobs = OutsideKnobs(self)
        self._beat: Pulse | None = None
        self._restarts = 0

    @property
    def run(self) -> RunData:
        """The run as read so far. Its findings are those of this judge."""
        return self._tail.run

    @property
    def findings(self) -> list[Finding]:
        """What stands now, in the order it is shown in."""
        return in_order(self._judge.findings)

    @property
    def state(self) -> str:
        """The words "running", "killed" (its process is gone) and "unreadable", or how it ended."""
        if self.error:
            return UNREADABLE
        if self.run.ending is not None:
            return str(self.run.ending["state"])
        return KILLED if self._beat is not None and self._beat.process == "gone" else RUNNING

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state != RUNNING

    def poll(self) -> bool:
        """Read what came, judge it, and tell everybody; return whether anything changed. Never raises for a run."""
        try:
            has_grown = self._tail.advance()
        except (TreedebugError, OSError) as error:
            changed, self.error = self.error != str(error), str(error)
            return changed
        self.error = ""
        if self._tail.restarts != self._restarts:
            self._restarts = self._tail.restarts
            self._judge.restart()
            self._knobs = OutsideKnobs(self)
        looks = list(self._judge.looks(self.run))
        self._beat = None if self.run.ended else pulse(str(self.path), self.run)
        has_changed = self._judge.look_at_clock(self.run, self._beat)
        if looks or has_changed:  # of the looks made up for, what stands after the last counts
            self.run.findings = self.findings
            self._tell([event for look in looks for event in look.events])
        return has_grown or has_changed

    def _tell(self, events: Sequence[FindingEvent]) -> None:
        if self._audience is None:
            # What the configuration asks for is done once: by the training, or here where that does not judge.
            is_judged = self.run.header.extra.get("is_judged") is not False
            actions = [*self._actions, *(() if is_judged else self._configured)]
            self._audience = Audience(self._listeners, actions)
        n_notes = len(self.run.notes)
        self._audience.hear(self.run, events, self._knobs, final=self.is_over)
        noted = [note for note in self.run.notes[n_notes:] if note.topic == "actions"]
        if noted:
            write_actions(self.path, self.run.header.run_id, noted)

    def report(self) -> CheckReport:
        """Return what `treedebug check` would say of what was read so far."""
        verdict = replace(self._judge.timeline.verdict, findings=tuple(self.findings))
        made = run_report(Subject(RUN, str(self.path), self.run), verdict, self._beat, self._tail.recorded)
        return replace(made, damage=(*made.damage, self.error)) if self.error else made
