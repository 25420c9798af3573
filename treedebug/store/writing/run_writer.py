"""RunWriter: writes one run, whatever trains. Notes, rounds, findings and the end go through here.

Nothing here may raise into the training: what fails is noted once, said once, and left out from then on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from treedebug.core.faults import Faults
from treedebug.core.plain_json import plain
from treedebug.core.protocols import Knobs, Observer
from treedebug.core.run.records import Record, Sink
from treedebug.core.run.run_data import Note, RunData
from treedebug.store.run_records import (
    CLOSED,
    OPENED,
    RoundRow,
    encode_beat,
    encode_end,
    encode_finding,
    encode_header,
    encode_note,
    encode_rounds,
)
from treedebug.store.writing import heartbeat
from treedebug.store.writing.heartbeat import keep_beating, stop_beating
from treedebug.store.writing.moving_sink import MovingSink
from treedebug.store.writing.outbox import FlushPlan, Outbox
from treedebug.store.writing.run_snapshot import snapshot
from treedebug.store.writing.thread_lock import Lock


@dataclass(frozen=True)
class Watch:
    """Who looks at check rounds, and what an action may reach."""

    knobs: Knobs
    observer: Observer | None = None


class RunWriter:
    """Writes `run` to `sink`, at times that `plan` and `clock` (in seconds) decide.

    `unsaved` is the list in which records wait, which holds what the disk refused to the end; `holder` names the
    object whose `run` reads it.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        run: RunData,
        sink: Sink,
        watch: Watch,
        *,
        quiet: bool = False,
        plan: FlushPlan | None = None,
        clock: Callable[[], float] = time.perf_counter,
        unsaved: list[Record] | None = None,
        holder: str = "callback",
    ) -> None:
        self.run = run
        self.clock = clock
        self.ended = False
        self.n_opened = 0
        """Findings opened so far."""
        self.faults = Faults(self.note, quiet=quiet)
        self.lock = Lock()
        """Of what may be asked for by another thread than the one that trains."""
        self.before_write: list[Callable[[], None]] = []
        """Called when records are about to be written: those that are put off until there are many."""
        self.recall_more: list[Callable[[], list[Record]]] = []
        """Give what a snapshot of the run lacks: its trees, what is known of a net."""
        self.not_in_memory = frozenset({"end"})
        """Kinds of records that nothing of these gives."""
        self._watch = watch
        self._plan = plan or FlushPlan()
        self._holder = holder
        self._outbox = Outbox(sink, self._leave_out, [] if unsaved is None else unsaved)
        self._moving = sink if isinstance(sink, MovingSink) else None
        if self._moving is not None:
            self._moving.tell, self._moving.recall = self._tell, self._recall
            keep_beating(self)
        self._rows: list[RoundRow] = []
        self._last_flush = self._last_word = self._last_sign = clock()
        self._slowest = 0.0
        self._pid = os.getpid()
        self._is_closed = False

    @property
    def is_inherited(self) -> bool:
        """Whether this process is a fork of the one that opened the run: it leaves the run alone."""
        return os.getpid() != self._pid

    # -- what is recorded ------------------------------------------------------------------------------------------

    def queue(self, *records: Record) -> None:
        """Take records to be written with the next flush."""
        self._outbox.pending.extend(records)

    def header(self, fields: Mapping[str, Any]) -> None:
        """Add to the header."""
        known = plain(fields)
        self.run.header.update(known)
        self.queue(encode_header(known))

    def note(self, topic: str, message: str) -> None:
        """Record that something is left out, and why; once."""
        if any(n.topic == topic and n.message == message for n in self.run.notes):
            return
        note = Note(topic, message, self.run.n_rounds)
        self.run.notes.append(note)
        self.queue(encode_note(note))

    def warn(self, topic: str, message: str) -> None:
        """Record a note and say it, once."""
        self.note(topic, message)
        self.faults.say(message, message)

    def add_round(self, row: RoundRow) -> None:
        """Record a round: its metrics, learning rate, seconds, iterations and usage."""
        for (dataset, metric), value in row.values.items():
            self.run.evals.append(row.round_index, dataset, metric, value)
        self.run.rounds.append(
            row.round_index,
            learning_rate=row.learning_rate,
            seconds=row.seconds,
            iterations=row.iterations,
            usage=row.usage,
        )
        self._rows.append(row)
        self._slowest = max(row.seconds, 0.9 * self._slowest)

    def observe(self, *, final: bool) -> None:
        """Let the rules look, and record what they found new or gone."""
        if self._watch.observer is None:
            return
        n_notes = len(self.run.notes)
        events = self._watch.observer.on_check(self.run, self._watch.knobs, final=final)
        for note in self.run.notes[n_notes:]:
            self.queue(encode_note(note))
            self.faults.say(note.message, note.message)
        for event in events:
            self.n_opened += event.kind == OPENED
            kind = CLOSED if event.kind == CLOSED else OPENED
            self.queue(encode_finding(event.finding, event=kind, n_rounds=event.n_rounds))

    def catch_up(self, replay: Callable[[RunData], None]) -> None:
        """Go on with a resumed run's findings as they stood at its last check round; record what that changes."""
        recorded = dict(self.run.standing)
        self.faults.guard("rules", replay, self.run)
        now, n_rounds = self.run.standing, self.run.n_rounds
        for key, finding in recorded.items():
            if key not in now:
                self.queue(encode_finding(finding, event=CLOSED, n_rounds=n_rounds))
        for key, finding in now.items():
            if finding != recorded.get(key):
                self.queue(encode_finding(finding, event=OPENED, n_rounds=n_rounds))

    # -- the store -------------------------------------------------------------------------------------------------

    @property
    def waits_long(self) -> bool:
        """Whether to write now, after a round: many rounds wait, or the next may end after the time is over."""
        return self._plan.is_due(len(self._rows), self.clock() - self._last_flush, self._slowest)

    @property
    def is_late(self) -> bool:
        """Whether to write now, within a round: the time is over."""
        return self._plan.is_due(0, self.clock() - self._last_flush, 0.0)

    def write(self, *, last: bool = False) -> None:
        """Write out everything recorded so far, or keep it for the next time where the disk refuses."""
        if self.is_inherited:
            return
        with self.lock:
            self._last_flush = self.clock()
            if self._moving is not None:
                keep_beating(self)
            for tell in self.before_write:
                tell()
            self._queue_rows()
            if not self._outbox.pending:
                return
            try:
                self._outbox.send()
            except OSError as error:
                self._keep_for_later(error, last=last)
            else:
                self._last_word = self._last_sign = self.clock()

    def beat(self) -> None:
        """Write a sign of life if nothing was written for long. Never raises, never waits; from another thread."""
        if self._moving is None or self.is_inherited or not self.lock.take():
            return
        try:
            now = self.clock()
            if now - self._last_sign >= heartbeat.SECONDS / 2 and not self._is_closed:
                self._last_sign = now
                self._moving.beat(encode_beat(self.run.n_rounds, now - self._last_word))
        except Exception:  # noqa: BLE001, S110 - the next write of the training meets the same disk, and says so
            pass
        finally:
            self.lock.give()

    def end(self, state: str, *, best_round: int | None = None, reason: str = "") -> None:
        """Judge once more, record how the training ended, and release the file. Never raises."""
        n_rounds = self.run.n_rounds
        ending = {"state": state, "best_round": best_round, "reason": reason, "n_rounds": n_rounds}
        self.run.ending = dict(ending)
        self.faults.guard("rules", self.observe, final=True)
        self.faults.guard("rounds", self._queue_rows)
        self.queue(encode_end(state=state, best_round=best_round, reason=reason, n_rounds=n_rounds))
        self.faults.guard("store", self.write, last=True)
        self._close()

    def _close(self) -> None:
        stop_beating(self)
        try:
            with self.lock:
                self._is_closed = True
                self._outbox.sink.close()
        except Exception as error:  # noqa: BLE001 - the training outranks its record
            if not self._outbox.pending:  # else it has been said that the disk refuses
                self.faults.say("closing", f"the run is written, but the disk has not confirmed its end ({error})")

    def _queue_rows(self) -> None:
        if self._rows:
            evals = self.run.evals
            self.queue(*encode_rounds(self._rows, directions=evals.directions, training=evals.training))
            self._rows = []

    def _leave_out(self, record: Record, error: Exception) -> None:
        self.note("store", f"a record of kind {record.kind!r} cannot be written and is left out: {error}")

    def _tell(self, message: str) -> None:
        self.warn("store", message)

    def _recall(self, records: list[Record]) -> list[Record]:
        """Return the whole record from memory, with what only the records about to be written hold."""
        whole = self.recall()
        later = [r.fields for r in self._outbox.pending if r.kind == "note" and not any(r is x for x in records)]
        again = [r for r in whole if not (r.kind == "note" and r.fields in later)]
        return [*again, *(r for r in records if r.kind in self.not_in_memory)]

    def recall(self) -> list[Record]:
        """Return everything recorded so far that is still in memory."""
        return [*snapshot(self.run), *(r for more in self.recall_more for r in more())]

    def _keep_for_later(self, error: OSError, *, last: bool) -> None:
        if self._outbox.give_up(self._plan):
            given_up = " and ".join(sorted(self._plan.lossy))
            self.note("store", f"the disk refused records for so long that {given_up} had to be given up")
        if last:
            rest = f"the last part of the run is not on disk, but in memory: {self._holder}.run has it all"
        else:
            rest = "treedebug keeps the record in memory and tries again"
        self.faults.say("unsaved" if last else "store", f"cannot write the run ({error}); {rest}")
