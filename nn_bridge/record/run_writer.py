"""Journal: the recording of one network's training, whatever trains it; knows no tensors library.

It adds steps, and the records of networks, to what `RunWriter` writes of every training.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nn_bridge.record.net_records import (
    LOSSY,
    WHOLE,
    Schemas,
    encode_facts,
    encode_histogram,
    encode_log,
    encode_schema,
    encode_silent,
    encode_tensors,
    encode_whole,
)
from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.sampling_schedule import OPENING, ends_round
from nn_bridge.record.tensor_streams import Floats, Histogram, TensorKey, TensorLog
from nn_bridge.record.whole_tensors import WholeTensor
from treedebug.core.data.data_sets import DataSets
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.machine_usage import UsageMeter
from treedebug.core.run.records import Record, Sink
from treedebug.core.run.round_schedule import is_check_round
from treedebug.core.run.run_data import RunData
from treedebug.store.run_records import RoundRow, encode_classes, encode_data, encode_header
from treedebug.store.writing.outbox import FlushPlan
from treedebug.store.writing.run_writer import RunWriter, Watch

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


class Journal(RunWriter):
    """Writes one network's run. `n_steps` counts the optimiser's steps so far."""

    def __init__(  # noqa: PLR0913 - the last three have defaults
        self,
        run: RunData,
        sink: Sink,
        watch: Watch,
        *,
        quiet: bool = False,
        round_steps: int | None = None,
        unsaved: list[Record] | None = None,
    ) -> None:
        super().__init__(run, sink, watch, quiet=quiet, plan=FlushPlan(lossy=LOSSY), unsaved=unsaved, holder="recorder")
        self.n_steps = 0
        self.before_close: list[Callable[[], None]] = []
        """Called when a round is about to be closed: numbers that are still on an accelerator, counts of the round."""
        self._round_steps = round_steps
        self._was_evaluated = False
        self._cut_off: dict[tuple[str, str], list[float]] = {}
        """Training values of the round before, where it ended by itself."""
        self._open = _Open(started=self.clock())
        self.is_due = False
        """The round under way ends with the next sign of a step: until then an evaluation may still be told."""
        self.n_steps_before = 0
        """Steps of the round before the one under way."""
        self._n_whole = 0
        """Whole tensors given to the store, which memory does not hold."""
        self._schemas: dict[tuple[TensorKey, ...], int] = {}
        self._latest: tuple[tuple[TensorKey, ...], int] = ((), -1)
        """Keys and number of the last schema."""
        self._meter = UsageMeter()
        self.recall_more.append(self._recall_net)
        self.not_in_memory |= {WHOLE}
        self._goes_on = run.stream(NetFacts) is not None
        if self._goes_on:
            self._continue()
        self.queue(encode_header(run.header))

    def _continue(self) -> None:
        """Go on behind the last step, and with the lists of keys, of a run that was recorded before."""
        run = self.run
        log = run.stream(TensorLog)
        sampled = 0 if log is None else int(log.steps.max(initial=-1)) + 1
        self.n_steps = max(int(run.rounds.iterations[-1]) if run.n_rounds else 0, sampled)
        self._was_evaluated = any(not run.evals.is_training(dataset) for dataset, _ in run.evals.keys())
        self._schemas = {keys: i for i, keys in enumerate(run.ensure_stream(Schemas).keys)}

    @property
    def round_index(self) -> int:
        """The round under way."""
        return self.run.n_rounds

    @property
    def last_round(self) -> int:
        """The round under way, or the one before where no step of it was made yet."""
        return max(self.round_index - (not self._open.n_steps), 0)

    # -- what is recorded ------------------------------------------------------------------------------------------

    def facts(self, facts: NetFacts) -> None:
        """What is known of the net; replaces what was, but not what was known when it was new."""
        if self._goes_on:
            return
        self.run.drop_stream(NetFacts)
        self.run.add_stream(NetFacts, facts)
        self.queue(encode_facts(facts))

    def data(self, sets: DataSets) -> None:
        """What is known of the data; replaces what was."""
        self.run.add_stream(DataSets, sets)
        self.queue(encode_data(sets))

    def tensors(self, step: int, keys: tuple[TensorKey, ...], row: Floats, round_index: int | None = None) -> None:
        """The statistics of one sampled step; `row` (n_keys,). By default they belong to the round under way."""
        at = self.round_index if round_index is None else round_index
        if self._latest[0] is not keys:  # hundreds of keys: comparing them costs more than all the rest
            if keys not in self._schemas:
                self._schemas[keys] = len(self._schemas)
                self.queue(encode_schema(keys))
            self._latest = keys, self._schemas[keys]
        schema = self._latest[1]
        self.run.ensure_stream(TensorLog).append(step, at, keys, row)
        self.queue(encode_tensors(step, at, schema, row))

    def silent(self, step: int, masks: dict[str, NDArray[np.bool_]]) -> None:
        """Which units were silent on one step's batch."""
        if masks:
            log, round_index = self.run.ensure_stream(TensorLog), self.round_index
            for name, mask in masks.items():
                log.append_silent(name, step=step, round_index=round_index, mask=mask)
            self.queue(encode_silent(step, round_index, masks))

    def histogram(self, layer: str, kind: str, histogram: Histogram) -> None:
        """One histogram."""
        self.run.ensure_stream(TensorLog).append_histogram(layer, kind, histogram)
        self.queue(encode_histogram(layer, kind, histogram))

    def whole(self, tensor: WholeTensor) -> None:
        """A whole tensor: written, and not kept in memory."""
        self._n_whole += 1
        self.queue(encode_whole(tensor))

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
        if self.is_late:
            self.faults.guard("store", self.write)

    def end_round(self) -> None:
        """Close the round under way and let the rules look. Never raises."""
        self.faults.guard("rounds", self._close_round)
        n_rounds = self.run.n_rounds
        if is_check_round(n_rounds, slow=True):
            self.faults.guard("rules", self.observe, final=False)
        self.faults.guard("store", self.write)

    def _close_round(self) -> None:
        for tell in self.before_close:
            tell()
        now, round_index, held = self.clock(), self.round_index, self._open
        self._was_evaluated = self._was_evaluated or bool(held.evaluated)
        self._open, self.is_due = _Open(started=now, learning_rate=held.learning_rate), False
        self.n_steps_before = held.n_steps
        values = {key: _mean(v) for key, v in self._training(held).items()}
        values |= held.evaluated
        for dataset, c in held.confusion.items():
            record = ClassRecord(
                round_index, dataset, c.counts, c.counts.sum(axis=1).astype(np.float64),
                np.full(len(c.counts), _NAN) if c.probability is None else c.probability / max(c.n_rows, 1),
            )  # fmt: skip
            self.run.classes.append(record)
            self.queue(encode_classes(record))
        usage = self._meter.read(now)
        seconds = now - held.started
        self.add_round(RoundRow(round_index, held.learning_rate, seconds, self.n_steps, values, usage))

    def _training(self, held: _Open) -> dict[tuple[str, str], list[float]]:
        """Return the values to take means of: of a round that ends soon after one that ended by itself, those of both.

        One or two batches are no epoch: their mean would be the best or the worst for long, by chance alone.
        """
        before, self._cut_off = self._cut_off, {}
        if self._round_steps is None and not self._was_evaluated:
            self._cut_off = held.training
        if held.n_steps >= OPENING:
            return held.training
        return {key: before.get(key, []) + values for key, values in held.training.items()}

    def end(self, state: str, *, best_round: int | None = None, reason: str = "") -> None:
        """Close the round that is open, judge once more, release the file. Never raises."""
        if self.ended:
            return
        self.ended = True
        if self.is_inherited:
            return
        for tell in self.before_close:
            self.faults.guard("rounds", tell)
        if self._open.n_steps or self._open.evaluated or self._open.training:
            self.faults.guard("rounds", self._close_round)
        super().end(state, best_round=best_round, reason=reason)

    def _recall_net(self) -> list[Record]:
        """What is known of the net, and all its statistics; whole tensors that a store has lost are gone."""
        facts, log = self.run.stream(NetFacts), self.run.stream(TensorLog) or TensorLog()
        self._latest = (), -1  # keys are numbered anew in a file that begins anew
        self._schemas = {keys: i for i, (keys, *_) in enumerate(log.rows())}
        if self._n_whole:
            self.note("tensors", "the record was lost and written anew: whole tensors that were in it are gone")
        return [*([] if facts is None else [encode_facts(facts)]), *encode_log(log)]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else _NAN
