"""Journal: the recording of one network's training, whatever trains it. Rounds, records, rules; no tensors library.

What fails here is noted once, said once, and left out from then on: nothing may raise into the training.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_bridge.record.net_records import (
    LOSSY,
    encode_facts,
    encode_histogram,
    encode_schema,
    encode_silent,
    encode_tensors,
    encode_whole,
)
from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.sampling_schedule import OPENING, ends_round
from nn_bridge.record.tensor_streams import Floats, Histogram, TensorKey, TensorLog
from nn_bridge.record.thread_lock import Lock
from nn_bridge.record.whole_tensors import WholeTensor
from treedebug.core.data.data_sets import DataSets
from treedebug.core.faults import Faults
from treedebug.core.protocols import Knobs, Observer
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.machine_usage import UsageMeter
from treedebug.core.run.records import Record, Sink
from treedebug.core.run.round_schedule import is_check_round
from treedebug.core.run.run_data import Note, RunData
from treedebug.store.run_records import (
    CLOSED,
    OPENED,
    RoundRow,
    encode_classes,
    encode_data,
    encode_end,
    encode_finding,
    encode_header,
    encode_note,
    encode_rounds,
)

FLUSH_SECONDS = 1.0
MAX_PENDING_BYTES = 256 * 2**20
"""Records kept while the disk refuses them; beyond this whole tensors and histograms are given up."""
_NAN = float("nan")


@dataclass
class _Open:
    """What the round under way has gathered so far."""

    training: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """By (dataset, metric): the values of its steps."""
    evaluated: dict[tuple[str, str], float] = field(default_factory=dict)
    confusion: dict[str, _Confusion] = field(default_factory=dict)
    learning_rate: float = _NAN
    started: float = 0.0
    n_steps: int = 0
    """Steps within the round."""


@dataclass
class _Confusion:
    counts: NDArray[np.int64]
    probability: Floats | None = None
    n_rows: int = 0


@dataclass(frozen=True)
class Watch:
    """Who looks at check rounds, and what an action may reach."""

    knobs: Knobs
    observer: Observer | None = None


class Journal:
    """Writes one run. `n_steps` counts the optimiser's steps so far."""

    def __init__(
        self, run: RunData, sink: Sink, watch: Watch, *, quiet: bool = False, round_steps: int | None = None
    ) -> None:
        self.run = run
        self.n_steps = 0
        self.n_opened = 0
        """Findings opened so far: a burst of samples follows each."""
        self.ended = False
        self._sink = sink
        self._watch = watch
        self.before_close: list[Callable[[], None]] = []
        """Called when a round is about to be closed: numbers that are still on an accelerator, counts of the round."""
        self.before_write: list[Callable[[], None]] = []
        """Called when records are about to be written: those that are put off until there are many."""
        self._round_steps = round_steps
        self._was_evaluated = False
        self._cut_off: dict[tuple[str, str], list[float]] = {}
        """Training values of the round before, where it ended by itself."""
        self._open = _Open(started=time.perf_counter())
        self.is_due = False
        """The round under way ends with the next sign of a step: until then an evaluation may still be told."""
        self.n_steps_before = 0
        """Steps of the round before the one under way."""
        self._rows: list[RoundRow] = []
        self._pending: list[Record] = []
        self.lock = Lock()
        """Of what may be asked for by another thread than the one that trains: closing a round, and writing."""
        self._schemas: dict[tuple[TensorKey, ...], int] = {}
        self._latest: tuple[tuple[TensorKey, ...], int] = ((), -1)
        """Keys and number of the last schema."""
        self._meter = UsageMeter()
        self._last_flush = time.perf_counter()
        self.faults = Faults(self.note, quiet=quiet)
        self.unsaved: list[Record] = []
        """What the disk refused to the end."""
        self._pending.append(encode_header(run.header))

    @property
    def round_index(self) -> int:
        """The round under way."""
        return self.run.n_rounds

    # -- what is recorded ------------------------------------------------------------------------------------------

    def header(self, fields: Mapping[str, Any]) -> None:
        """Add to the header."""
        self.run.header.update(dict(fields))
        self._pending.append(encode_header(fields))

    def facts(self, facts: NetFacts) -> None:
        """What is known of the net; replaces what was."""
        self.run.drop_stream(NetFacts)
        self.run.add_stream(NetFacts, facts)
        self._pending.append(encode_facts(facts))

    def data(self, sets: DataSets) -> None:
        """What is known of the data; replaces what was."""
        self.run.add_stream(DataSets, sets)
        self._pending.append(encode_data(sets))

    def tensors(self, step: int, keys: tuple[TensorKey, ...], row: Floats) -> None:
        """The statistics of one sampled step; `row` (n_keys,)."""
        if self._latest[0] is not keys:  # hundreds of keys: comparing them costs more than all the rest
            if keys not in self._schemas:
                self._schemas[keys] = len(self._schemas)
                self._pending.append(encode_schema(keys))
            self._latest = keys, self._schemas[keys]
        schema = self._latest[1]
        self.run.ensure_stream(TensorLog).append(step, self.round_index, keys, row)
        self._pending.append(encode_tensors(step, self.round_index, schema, row))

    def silent(self, step: int, masks: dict[str, NDArray[np.bool_]]) -> None:
        """Which units were silent on one step's batch."""
        if masks:
            log, round_index = self.run.ensure_stream(TensorLog), self.round_index
            for name, mask in masks.items():
                log.append_silent(name, step=step, round_index=round_index, mask=mask)
            self._pending.append(encode_silent(step, round_index, masks))

    def histogram(self, layer: str, kind: str, histogram: Histogram) -> None:
        """One histogram."""
        self.run.ensure_stream(TensorLog).append_histogram(layer, kind, histogram)
        self._pending.append(encode_histogram(layer, kind, histogram))

    def whole(self, tensor: WholeTensor) -> None:
        """A whole tensor: written, and not kept in memory."""
        self._pending.append(encode_whole(tensor))

    def training(self, dataset: str, metric: str, value: float) -> None:
        """A metric of a training step; a round's value is the mean over its steps."""
        held = self._open.training.get((dataset, metric))
        if held is None:
            held = self._open.training[dataset, metric] = []
            self.run.evals.training.add(dataset)
        held.append(value)

    def evaluation(self, dataset: str, metrics: Mapping[str, float]) -> None:
        """Metrics of an evaluation: the round ends with the next step, unless rounds go by steps."""
        for metric, value in metrics.items():
            self._open.evaluated[dataset, metric] = value
        self.is_due = self.is_due or self._round_steps is None

    def predictions(self, dataset: str, confusion: NDArray[np.int64], probability: Floats | None = None) -> None:
        """Rows of a batch by label (down) and prediction (across), and their summed probabilities; added up a round."""
        n_rows = int(confusion.sum())
        held = self._open.confusion.get(dataset)
        if held is None or len(held.counts) != len(confusion):
            self._open.confusion[dataset] = _Confusion(confusion, probability, n_rows)
            return
        held.counts = held.counts + confusion
        held.n_rows += n_rows
        held.probability = None if probability is None or held.probability is None else held.probability + probability

    def note(self, topic: str, message: str) -> None:
        """Record that something is left out, and why; once."""
        note = Note(topic, message, self.run.n_rounds)
        if any(n.topic == topic and n.message == message for n in self.run.notes):
            return
        self.run.notes.append(note)
        self._pending.append(encode_note(note))

    # -- steps and rounds ------------------------------------------------------------------------------------------

    def begin_step(self) -> None:
        """A step is under way, or about to be made: a round that is due ends before it."""
        if self.is_due:
            with self.lock:
                if self.is_due:  # still: nobody else has ended it meanwhile
                    self.end_round()

    def end_step(self, learning_rate: float) -> None:
        """The optimiser has stepped."""
        self.n_steps += 1
        held = self._open
        held.n_steps += 1
        held.learning_rate = learning_rate
        if not self.is_due and ends_round(self.n_steps, self._round_steps, evaluated=self._was_evaluated):
            self.is_due = True
        if time.perf_counter() - self._last_flush > FLUSH_SECONDS:
            self.faults.guard("store", self.write)

    def end_round(self) -> None:
        """Close the round under way and let the rules look. Never raises."""
        self.faults.guard("rounds", self._close)
        n_rounds = self.run.n_rounds
        if is_check_round(n_rounds, slow=True):
            self.faults.guard("rules", self._observe, final=False)
        self.faults.guard("store", self.write)

    def _close(self) -> None:
        for tell in self.before_close:
            tell()
        now, round_index, held = time.perf_counter(), self.round_index, self._open
        self._was_evaluated = self._was_evaluated or bool(held.evaluated)
        self._open, self.is_due = _Open(started=now, learning_rate=held.learning_rate), False
        self.n_steps_before = held.n_steps
        values = {key: _mean(v) for key, v in self._training(held).items()}
        values |= held.evaluated
        for (dataset, metric), value in values.items():
            self.run.evals.append(round_index, dataset, metric, value)
        for dataset, c in held.confusion.items():
            record = ClassRecord(
                round_index, dataset, c.counts, c.counts.sum(axis=1).astype(np.float64),
                np.full(len(c.counts), _NAN) if c.probability is None else c.probability / max(c.n_rows, 1),
            )  # fmt: skip
            self.run.classes.append(record)
            self._pending.append(encode_classes(record))
        usage = self._meter.read(now)
        seconds = now - held.started
        self.run.rounds.append(
            round_index, learning_rate=held.learning_rate, seconds=seconds, iterations=self.n_steps, usage=usage
        )
        self._rows.append(RoundRow(round_index, held.learning_rate, seconds, self.n_steps, values, usage))

    def _training(self, held: _Open) -> dict[tuple[str, str], list[float]]:
        """The values to take means of: of a round that ends soon after one that ended by itself, those of both.

        One or two batches are no epoch: their mean would be the best or the worst for long, by chance alone.
        """
        before, self._cut_off = self._cut_off, {}
        if self._round_steps is None and not self._was_evaluated:
            self._cut_off = held.training
        if held.n_steps >= OPENING:
            return held.training
        return {key: before.get(key, []) + values for key, values in held.training.items()}

    def _observe(self, *, final: bool) -> None:
        if self._watch.observer is None:
            return
        n_notes = len(self.run.notes)
        events = self._watch.observer.on_check(self.run, self._watch.knobs, final=final)
        for note in self.run.notes[n_notes:]:
            self._pending.append(encode_note(note))
            self.faults.say(note.message, note.message)
        for event in events:
            self.n_opened += event.kind == "opened"
            kind = CLOSED if event.kind == CLOSED else OPENED
            self._pending.append(encode_finding(event.finding, event=kind, n_rounds=event.n_rounds))

    def end(self, state: str, *, best_round: int | None = None, reason: str = "") -> None:
        """The training is over: close what is open, judge once more, release the file. Never raises."""
        if self.ended:
            return
        self.ended = True
        for tell in self.before_close:
            self.faults.guard("rounds", tell)
        if self._open.n_steps or self._open.evaluated or self._open.training:
            self.faults.guard("rounds", self._close)
        n_rounds = self.run.n_rounds
        self.run.ending = {"state": state, "best_round": best_round, "reason": reason, "n_rounds": n_rounds}
        self.faults.guard("rules", self._observe, final=True)
        self.faults.guard("rounds", self._queue_rows)
        self._pending.append(encode_end(state=state, best_round=best_round, reason=reason, n_rounds=n_rounds))
        self.faults.guard("store", self.write, last=True)
        self.faults.guard("store", self._sink.close)

    # -- store -----------------------------------------------------------------------------------------------------

    def write(self, *, last: bool = False) -> None:
        """Write out everything recorded so far, or keep it for the next time where the disk refuses."""
        with self.lock:
            self._write(last=last)

    def _write(self, *, last: bool) -> None:
        self._last_flush = time.perf_counter()
        for tell in self.before_write:
            tell()
        self._queue_rows()
        if not self._pending:
            return
        held, self._pending = self._pending, []
        try:
            self._sink.append(held)
        except BaseException as error:
            self._pending = held + self._pending
            if not isinstance(error, OSError):
                raise
            self._keep_for_later(error, last=last)

    def _queue_rows(self) -> None:
        if self._rows:
            evals = self.run.evals
            self._pending += encode_rounds(self._rows, directions=evals.directions, training=evals.training)
            self._rows = []

    def _keep_for_later(self, error: OSError, *, last: bool) -> None:
        if sum(len(r.blob) for r in self._pending) > MAX_PENDING_BYTES:
            self._pending = [r for r in self._pending if r.kind not in LOSSY]
            self.note("store", "the disk refused records for so long that whole tensors had to be given up")
        where = "is in memory: recorder.run has it all" if last else "is kept in memory and tried again"
        self.faults.say("unsaved" if last else "store", f"cannot write the run ({error}); what is missing {where}")
        if last:
            self.unsaved = self._pending


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else _NAN
