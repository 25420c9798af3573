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

from treedebug.core.protocols import Knobs, Observer, Progress, RateSource
from treedebug.core.run.copied_sets import evaluated_training
from treedebug.core.run.machine_usage import UsageMeter
from treedebug.core.run.records import Record, Sink, TreeBatch
from treedebug.core.run.round_schedule import is_check_round
from treedebug.core.run.run_data import FINISHED, INTERRUPTED, RunData
from treedebug.core.run.tree_table import TreeTable
from treedebug.recorders.booster_port import BoosterPort
from treedebug.recorders.round_readings import Readings
from treedebug.recorders.tree_batches import TreeKeeper
from treedebug.store.record_decoders import apply
from treedebug.store.run_records import RoundRow, encode_header, encode_rewind
from treedebug.store.stop_file import StopBox
from treedebug.store.writing.outbox import FlushPlan
from treedebug.store.writing.rate_reader import RateReader
from treedebug.store.writing.run_writer import RunWriter, Watch


@dataclass(frozen=True)
class Settings:
    """How a session records; the same for every library."""

    classes_every: int | None = None
    dart_every: int | None = None
    quiet: bool = False
    margin_rows: int = 0
    """Rows of each dataset whose margins are kept; 0: none."""
    reads_trees: bool = True
    """Fold the trees for the rules; False: they are sliced and written, and read by whoever judges."""
    flush: FlushPlan = field(default_factory=FlushPlan)
    durable: bool = False
    """Wait for the disk at every write."""


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
    preface: tuple[Record, ...] = ()
    """What is written behind the first header: what the caller knows of the data."""
    unsaved: list[Record] = field(default_factory=list)
    """Where records wait to be written."""
    stop_box: StopBox | None = None
    """Where another process may ask to stop."""
    clock: Callable[[], float] = time.perf_counter


class Session:
    """Records one training. Made before its first round; `end` may be called any number of times."""

    def __init__(self, port: BoosterPort, parts: Parts, knobs: Knobs) -> None:
        settings = parts.settings
        self.port = port
        self.run = parts.run
        self._parts = parts
        self._knobs = knobs
        self._writer = RunWriter(
            parts.run,
            parts.sink,
            Watch(knobs, parts.observer),
            quiet=settings.quiet,
            plan=settings.flush,
            clock=parts.clock,
            unsaved=parts.unsaved,
        )
        self._guard = self._writer.faults.guard
        self._trees = TreeKeeper(port, parts.run, parse=parts.parse, queue=self._writer.queue, guard=self._guard)
        self._trees.is_folded = settings.reads_trees
        self._writer.recall_more.append(self._trees.recall)
        self._described = False
        self._readings = Readings(
            port,
            parts.run,
            self._writer.queue,
            classes_every=settings.classes_every,
            margin_rows=settings.margin_rows,
        )
        self._meter = UsageMeter()
        self._rates: RateReader | None = None
        self._last = parts.clock()

    # -- what the callbacks tell -----------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether the recording is over."""
        return self._writer.ended

    def begin(self, header: Mapping[str, Any], *, start: int) -> int:
        """Write the first header of a training that is about to start from a booster of `start` iterations.

        Return the index of the first round to come: more than `start` where rounds without a split were recorded.
        """
        recorded, before = self._parts.recorded_rounds, self.run.ending
        self.run.ending = None
        fields = dict(header)
        fields["versions"] = {**self.run.header.versions, **fields.get("versions", {})}
        self.run.header.update(fields)
        self._writer.queue(encode_header(self.run.header), *self._parts.preface)
        first, known = self._rounds_after(start), 0
        if recorded:
            # Also what a killed writer left of a later round: its trees came to the disk, the round itself did not.
            self._rewind(min(first, recorded))
            if before is not None and before.get("state") != INTERRUPTED and first < recorded:
                self._writer.warn("resume", _REPLACED.format(recorded=recorded, first=first))
            self._described = False
            known = self._trees.resume(start)
            if self._parts.catch_up is not None:
                self._writer.catch_up(self._parts.catch_up)
        elif start:
            self._writer.header({"start_round": start})
        self._trees.expect([self._rounds_after(i) for i in range(known, start)])
        self._writer.write()
        self._last = self._writer.clock()
        return first

    def follow(self, source: RateSource | None) -> None:
        """Take over from a schedule, if the training has one, why the learning rate changes."""
        if source is not None:
            self._rates = RateReader(source, self.run, self._writer.queue)

    def record_round(
        self,
        round_index: int,
        values: Mapping[tuple[str, str], float],
        *,
        learning_rate: float,
    ) -> None:
        """Record a round that is done. Never raises."""
        if not self._writer.is_inherited:
            self._guard("rounds", self._record_round, round_index, values, learning_rate)

    def updated(self) -> None:
        """Note the moment: the boosting step of the round is done, its evaluation follows. Where the library tells."""
        self._meter.updated()

    def end(self, state: str, *, best_round: int | None = None, reason: str = "") -> None:
        """Fetch what is left, judge once more, close. Never raises."""
        if self.ended:
            return
        self._writer.ended = True
        if not self._writer.is_inherited:
            self._guard("classes", self._read_last, self._readings.last_classes)
            self._guard("margins", self._read_last, self._readings.last_margins)
            self._guard("predictions", self._read_last, self._readings.last_predictions)
            self._guard("trees", self._fetch_last)
            self._guard("digest", self._notice_changes)
            self._writer.end(state, best_round=best_round, reason=reason)
            if self._parts.progress is not None:
                self._guard("progress", self._parts.progress.close)
        self.port.release()

    def finish_later(self) -> None:
        """End a training that is over though nobody said so (no end hook, an exception, Ctrl-C, interpreter exit)."""
        if not self.ended:
            state, best_round = self._guard("end", self.port.ended_how) or (FINISHED, None)
            self.end(state, best_round=best_round)

    def interrupt(self, error: BaseException) -> None:
        """End a training that this exception is leaving. Never raises."""
        said = next(iter(str(error).splitlines()), "")
        self.end(INTERRUPTED, reason=f"{type(error).__name__}{f': {said:.200}' if said else ''}")

    def _fetch_last(self) -> None:
        self._trees.fetch(last=True)
        if facts := self.port.final_facts():
            self._writer.header(facts)
        if self.port.has_trees_at_end:
            self._trees.fetch_rewritten()

    def _notice_changes(self) -> None:
        """Compare the booster's trees with those recorded: a callback may have changed what was built."""
        if self._trees.have_changed():
            self._writer.warn("trees", _CHANGED)

    def note(self, topic: str, message: str) -> None:
        """Record a note, once."""
        self._writer.note(topic, message)

    def warn(self, topic: str, message: str) -> None:
        """Record a note and say it, once."""
        self._writer.warn(topic, message)

    def _read_last(self, read: Callable[[int], None]) -> None:
        if self.run.n_rounds and self._trees.is_current():
            read(self.run.n_rounds - 1)

    def flush(self) -> None:
        """Write out everything recorded so far. Never raises."""
        if not self.ended and not self._writer.is_inherited:
            self._guard("trees", self._trees.fetch)
            self._guard("store", self._writer.write)

    # -- one round -------------------------------------------------------------------------------------------------

    def _record_round(self, round_index: int, values: Mapping[tuple[str, str], float], learning_rate: float) -> None:
        now = self._writer.clock()
        seconds = now - self._last
        self._last = now
        if round_index < self.run.n_rounds:
            return
        iterations = self.port.iterations()
        usage = self._meter.read(now)
        self._writer.add_round(RoundRow(round_index, learning_rate, seconds, iterations, values, usage))
        self._trees.grew(round_index, iterations)
        if self._rates is not None:
            self._guard("rates", self._rates.read, round_index)
        self.describe()
        self._know_training(values)
        n_rounds = round_index + 1
        is_look = is_check_round(n_rounds)
        if is_look or self._readings.are_due(round_index):
            self._guard("classes", self._readings.classes, round_index)
            self._guard("margins", self._readings.margins, round_index)
            self._guard("predictions", self._readings.samples, round_index)
        writes = self._writer.waits_long or (is_look and (self._parts.settings.reads_trees or n_rounds == 1))
        if writes:
            self._guard("trees", self._trees.fetch)
        if is_look:
            self._guard("weights", self._trees.record_weights, round_index)
            self._guard("rules", self._writer.observe, final=False)
        if writes:
            self._guard("store", self._writer.write)
            if self._parts.stop_box is not None:
                self._guard("actions", self._parts.stop_box.heed, self.run, self._knobs)
        if self._parts.settings.dart_every and n_rounds % self._parts.settings.dart_every == 0:
            self._guard("weights", self._trees.record_weights, round_index)
        if self._parts.progress is not None:
            self._guard("progress", self._parts.progress.on_round, self.run)

    def _know_training(self, values: Mapping[tuple[str, str], float]) -> None:
        """Training data that is not evaluated says nothing of the others, which are then known by their names."""
        if not self.run.evals.training:
            self.run.evals.training |= evaluated_training(self.run.header.data, {d for d, _ in values})

    def describe(self) -> None:
        """Complete the header after the first round, when the library knows its own defaults. Once; never raises."""
        if not self._described:
            self._described = True
            self._guard("header", self._describe)

    def _describe(self) -> None:
        self._writer.header(self.port.describe())
        self._guard("margins", self._readings.begin)
        self._guard("predictions", self._readings.begin_samples)
        for topic, message in self.port.shortcomings():
            self._writer.note(topic, message)
        self._trees.begin_summary()

    # -- a resumed run ---------------------------------------------------------------------------------------------

    def _rewind(self, n_rounds: int) -> None:
        record = encode_rewind(n_rounds)
        self._writer.queue(record)
        apply(self.run, record)

    def _rounds_after(self, iterations: int) -> int:
        """Rounds done when the booster had that many iterations; LightGBM adds none in a round without a split."""
        log = self.run.rounds
        rows = int(np.searchsorted(log.iterations, iterations, side="right"))
        if rows == 0:
            return iterations
        return int(log.rounds[rows - 1]) + 1 + iterations - int(log.iterations[rows - 1])


_REPLACED = (
    "the run had ended after {recorded} rounds, and this training goes on from round {first}: the rounds from there on "
    "are recorded anew, and the old ones are gone"
)
_CHANGED = (
    "the booster's trees are no longer those that were recorded: something changed them during the training, such as "
    "shuffle_models, set_leaf_output or load_model in a callback. The run keeps the trees as they were built"
)
