"""Session: the recording of one training, the same for every library.

A library's callback tells it of each round; it keeps the round's numbers, fetches trees a batch at a time, writes
records, and calls the observer at check rounds. Nothing here may raise into the training: what fails is noted once,
said once, and left out from then on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from treedebug.core.faults import Faults
from treedebug.core.protocols import Knobs, Observer, Progress
from treedebug.core.run.machine_usage import UsageMeter
from treedebug.core.run.records import Record, Sink, TreeBatch
from treedebug.core.run.round_schedule import is_check_round
from treedebug.core.run.run_data import FINISHED, Note, RunData
from treedebug.core.run.tree_table import TreeTable
from treedebug.recorders.booster_port import BoosterPort
from treedebug.recorders.round_readings import Readings
from treedebug.recorders.tree_batches import TreeKeeper
from treedebug.store.run_records import (
    CLOSED,
    OPENED,
    RoundRow,
    apply,
    encode_end,
    encode_finding,
    encode_header,
    encode_note,
    encode_rewind,
    encode_rounds,
)

BATCH_ROUNDS = 64
FLUSH_SECONDS = 1.0
"""A kill loses at most this much: a flush comes early enough that the next round is expected to end within it."""
MAX_PENDING_BYTES = 256 * 2**20
"""Records kept while the disk refuses them; beyond this the oldest trees are given up."""


@dataclass(frozen=True)
class Settings:
    """How a session records; the same for every library."""

    classes_every: int | None = None
    dart_every: int | None = None
    quiet: bool = False
    margin_rows: int = 0
    """Rows of each dataset whose margins are kept; 0: none."""


@dataclass
class Parts:
    """What a session works with, wired at the top floor."""

    run: RunData
    sink: Sink
    parse: Callable[[TreeBatch], TreeTable]
    observer: Observer | None = None
    progress: Progress | None = None
    settings: Settings = field(default_factory=Settings)
    recorded_rounds: int = 0
    """Rounds the store already holds (a resumed run)."""
    catch_up: Callable[[RunData], None] | None = None
    """Brings the observer, and the findings of a resumed run, to where its last check round left them."""
    verify: Callable[[BoosterPort, int], None] | None = None
    """Raises if the first iterations of a resumed run are not this booster's."""
    preface: tuple[Record, ...] = ()
    """What is written behind the first header: what the caller knows of the data."""
    keep_unsaved: Callable[[list[Record]], None] | None = None
    """Takes what the disk refused to the end."""


class Session:
    """Records one training. Made before its first round; `end` may be called any number of times."""

    def __init__(self, port: BoosterPort, parts: Parts, knobs: Knobs) -> None:
        self.port = port
        self.run = parts.run
        self.ended = False
        self._parts = parts
        self._knobs = knobs
        self._rows: list[RoundRow] = []
        self._pending: list[Record] = []
        self._faults = Faults(self.note, quiet=parts.settings.quiet)
        self._guard = self._faults.guard
        self._trees = TreeKeeper(port, parts.run, parse=parts.parse, queue=self._queue, guard=self._guard)
        self._described = False
        self._readings = Readings(
            port,
            parts.run,
            self._queue,
            classes_every=parts.settings.classes_every,
            margin_rows=parts.settings.margin_rows,
        )
        self._meter = UsageMeter()
        self._last = time.perf_counter()
        self._last_flush = self._last
        self._slowest = 0.0

    # -- what the callbacks tell -----------------------------------------------------------------------------------

    def begin(self, header: Mapping[str, Any], *, start: int) -> int:
        """The training is about to start from a booster of `start` iterations; writes the first header.

        Returns the index of the first round to come: more than `start` where rounds without a split were recorded.
        Raises NotRecordedError if a run to be resumed is not this booster's, before anything is changed.
        """
        recorded = self._parts.recorded_rounds
        if recorded and self._parts.verify is not None:
            try:
                self._parts.verify(self.port, min(start, self._trees.stored_iterations()))
            except Exception:
                self._leave_alone()
                raise
        self.run.ending = None
        fields = dict(header)
        fields["versions"] = {**self.run.header.versions, **fields.get("versions", {})}
        self.run.header.update(fields)
        self._pending += [encode_header(self.run.header), *self._parts.preface]
        first, known = self._rounds_after(start), 0
        if recorded:
            # Also what a killed writer left of a later round: its trees came to the disk, the round itself did not.
            self._rewind(min(first, recorded))
            self._described = False
            known = self._trees.resume(start)
            self._continue_findings()
        elif start:
            self.run.header.start_round = start
            self._pending.append(encode_header({"start_round": start}))
        self._trees.expect([self._rounds_after(i) for i in range(known, start)])
        self._write()
        self._last = time.perf_counter()
        return first

    def record_round(
        self,
        round_index: int,
        values: Mapping[tuple[str, str], float],
        *,
        learning_rate: float,
    ) -> None:
        """One round is done. Never raises."""
        try:
            self._record_round(round_index, values, learning_rate)
        except Exception as error:  # noqa: BLE001 - the training outranks its record
            self._faults.fail("rounds", error)

    def updated(self) -> None:
        """The boosting step of the round is done; what follows is its evaluation. Where the library tells."""
        self._meter.updated()

    def end(self, state: str, *, best_round: int | None = None, reason: str = "") -> None:
        """The training is over: fetch what is left, judge once more, close. Never raises."""
        if self.ended:
            return
        self.ended = True
        self._guard("classes", self._read_last, self._readings.last_classes)
        self._guard("margins", self._read_last, self._readings.last_margins)
        self._guard("predictions", self._read_last, self._readings.last_predictions)
        self._guard("trees", self._trees.fetch, last=True)
        self.run.ending = {
            "state": state, "best_round": best_round, "reason": reason, "n_rounds": self.run.n_rounds,
        }  # fmt: skip
        self._guard("rules", self._observe, final=True)
        self._guard("rounds", self._queue_rows)
        self._pending.append(encode_end(state=state, best_round=best_round, reason=reason, n_rounds=self.run.n_rounds))
        self._guard("store", self._write, last=True)
        self._guard("store", self._parts.sink.close)
        if self._parts.progress is not None:
            self._guard("progress", self._parts.progress.close)
        self.port.release()

    def finish_later(self) -> None:
        """The training is over, though nobody said so (no end hook, an exception, Ctrl-C, interpreter exit)."""
        if not self.ended:
            state, best_round = self._guard("end", self.port.ended_how) or (FINISHED, None)
            self.end(state, best_round=best_round)

    def _read_last(self, read: Callable[[int], None]) -> None:
        if self.run.n_rounds and self._trees.is_current():
            read(self.run.n_rounds - 1)

    def flush(self) -> None:
        """Write out everything recorded so far. Never raises."""
        if not self.ended:
            self._guard("trees", self._trees.fetch)
            self._guard("store", self._write)

    def note(self, topic: str, message: str) -> None:
        """Record that something is left out, and why."""
        note = Note(topic, message, self.run.n_rounds)
        self.run.notes.append(note)
        self._pending.append(encode_note(note))

    # -- one round -------------------------------------------------------------------------------------------------

    def _record_round(self, round_index: int, values: Mapping[tuple[str, str], float], learning_rate: float) -> None:
        now = time.perf_counter()
        seconds = now - self._last
        self._last = now
        run = self.run
        if round_index < run.n_rounds:
            return
        iterations = self.port.iterations()
        for (dataset, metric), value in values.items():
            run.evals.append(round_index, dataset, metric, value)
        usage = self._meter.read(now)
        run.rounds.append(round_index, learning_rate=learning_rate, seconds=seconds, iterations=iterations, usage=usage)
        self._rows.append(RoundRow(round_index, learning_rate, seconds, iterations, values, usage))
        self._trees.grew(round_index, iterations)
        self.describe()
        if not run.evals.training:
            # Training data that is not evaluated says nothing of the others, which are then known by their names.
            data = run.header.data
            run.evals.training |= {dataset for dataset, _ in values if data.get(dataset, {}).get("is_training")}
        n_rounds = round_index + 1
        is_check = is_check_round(n_rounds)
        self._guard("classes", self._readings.classes, round_index)
        self._guard("margins", self._readings.margins, round_index)
        if is_check:
            self._guard("trees", self._trees.fetch)
            self._guard("weights", self._trees.record_weights, n_rounds - 1)
            self._guard("rules", self._observe, final=False)
            self._guard("store", self._write)
        elif self._due(now, seconds):
            self._guard("trees", self._trees.fetch)
            self._guard("store", self._write)
        if self._parts.settings.dart_every and n_rounds % self._parts.settings.dart_every == 0:
            self._guard("weights", self._trees.record_weights, n_rounds - 1)
        if self._parts.progress is not None:
            self._guard("progress", self._parts.progress.on_round, run)

    def _due(self, now: float, seconds: float) -> bool:
        """Whether to flush now: the batch is full, or the next round may end after the second is over."""
        self._slowest = max(seconds, 0.9 * self._slowest)
        return len(self._rows) >= BATCH_ROUNDS or now - self._last_flush + 2 * self._slowest >= FLUSH_SECONDS

    def describe(self) -> None:
        """Complete the header after the first round, when the library knows its own defaults. Once; never raises."""
        if not self._described:
            self._described = True
            self._guard("header", self._describe)

    def _describe(self) -> None:
        fields = self.port.describe()
        self.run.header.update(fields)
        self._pending.append(encode_header(fields))
        self._guard("margins", self._readings.begin)
        for topic, message in self.port.shortcomings():
            self.note(topic, message)
        self._trees.begin_summary()

    # -- a resumed run ---------------------------------------------------------------------------------------------

    def _rewind(self, n_rounds: int) -> None:
        record = encode_rewind(n_rounds)
        self._pending.append(record)
        apply(self.run, record)

    def _rounds_after(self, iterations: int) -> int:
        """Rounds done when the booster had that many iterations; LightGBM adds none in a round without a split."""
        log = self.run.rounds
        rows = int(np.searchsorted(log.iterations, iterations, side="right"))
        if rows == 0:
            return iterations
        return int(log.rounds[rows - 1]) + 1 + iterations - int(log.iterations[rows - 1])

    def _leave_alone(self) -> None:
        """Let go of a run that is not to be continued, without a word in its record."""
        self.ended = True
        self._parts.sink.close()
        self.port.release()

    def _continue_findings(self) -> None:
        """A resumed run: go on with the findings as they stood at its last check round; record what that changes."""
        if self._parts.catch_up is None:
            return
        recorded = {f.key: f for f in self.run.findings}
        self._guard("rules", self._parts.catch_up, self.run)
        now = {f.key: f for f in self.run.findings}
        n_rounds = self.run.n_rounds
        for key, finding in recorded.items():
            if key not in now:
                self._pending.append(encode_finding(finding, event=CLOSED, n_rounds=n_rounds))
        for key, finding in now.items():
            if finding != recorded.get(key):
                self._pending.append(encode_finding(finding, event=OPENED, n_rounds=n_rounds))

    # -- rules -----------------------------------------------------------------------------------------------------

    def _observe(self, *, final: bool) -> None:
        if self._parts.observer is None:
            return
        n_notes = len(self.run.notes)
        events = self._parts.observer.on_check(self.run, self._knobs, final=final)
        for note in self.run.notes[n_notes:]:
            self._pending.append(encode_note(note))
            self._faults.say(note.message, note.message)
        for event in events:
            kind = OPENED if event.kind == "changed" else event.kind
            self._pending.append(encode_finding(event.finding, event=kind, n_rounds=event.n_rounds))

    # -- store -----------------------------------------------------------------------------------------------------

    def _write(self, *, last: bool = False) -> None:
        self._last_flush = time.perf_counter()
        self._queue_rows()
        if not self._pending:
            return
        try:
            self._parts.sink.append(self._pending)
        except OSError as error:
            self._keep_for_later(error, last=last)
        else:
            self._pending = []

    def _queue(self, record: Record) -> None:
        self._pending.append(record)

    def _queue_rows(self) -> None:
        if self._rows:
            self._pending += encode_rounds(
                self._rows, directions=self.run.evals.directions, training=self.run.evals.training
            )
            self._rows = []

    def _keep_for_later(self, error: OSError, *, last: bool) -> None:
        """The disk refuses (full, gone): keep the records and try again at the next flush."""
        size = sum(len(r.blob) for r in self._pending)
        if size > MAX_PENDING_BYTES:
            self._pending = [r for r in self._pending if r.kind != "trees"]
            self.note("store", "the disk refused records for so long that trees had to be given up")
        if last and self._parts.keep_unsaved is not None:
            self._parts.keep_unsaved(self._pending)
            message = "the last part of the run is not on disk, but in memory: callback.run has it all"
            self._faults.say("unsaved", f"cannot write the run ({error}); {message}")
        else:
            message = "treedebug keeps the record in memory and tries again"
            self._faults.say("store", f"cannot write the run ({error}); {message}")
