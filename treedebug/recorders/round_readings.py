"""Readings: what is read off the predictions of a live booster at scheduled rounds, class balance and row margins."""

from __future__ import annotations

from collections.abc import Callable

from treedebug.core.run.margin_log import DENSE_ROUNDS, MarginLog
from treedebug.core.run.records import Record
from treedebug.core.run.round_schedule import is_check_round, is_class_round, is_margin_round
from treedebug.core.run.run_data import RunData
from treedebug.recorders.booster_port import BoosterPort
from treedebug.recorders.sampled_predictions import SampledPredictions
from treedebug.store.margin_records import encode_margin_labels, encode_margins
from treedebug.store.run_records import encode_classes, encode_header


class Readings:
    """The readings of one session. `queue` takes records for the store; whatever raises is the caller's to note.

    `classes_every` as the user set it; `margin_rows` of each dataset are to be kept, 0 for no margins.
    """

    def __init__(
        self,
        port: BoosterPort,
        run: RunData,
        queue: Callable[[Record], None],
        *,
        classes_every: int | None,
        margin_rows: int,
    ) -> None:
        self._port = port
        self._run = run
        self._queue = queue
        self._classes_every = classes_every
        self._margin_rows = margin_rows
        self._classes_at = -1
        self._training_classes_at = -1
        self._margins_at = -1
        self._samples = SampledPredictions(port, run, queue)

    def begin(self) -> None:
        """The booster has been described: prepare the margins, and record the labels they belong to."""
        if not self._margin_rows:
            return
        for meter in self._port.meter_rows(self._margin_rows):
            self._run.ensure_stream(MarginLog).set_labels(meter.dataset, meter.labels)
            self._queue(encode_margin_labels(meter.dataset, meter.labels))

    def are_due(self, round_index: int) -> bool:
        """Return whether anything is read after this round, other than where the rules look."""
        is_dense = self._margin_rows and round_index < DENSE_ROUNDS
        return bool(is_dense) or is_class_round(round_index, every=self._classes_every)

    def classes(self, round_index: int) -> None:
        """Class balance after a round, if it is one of those; of the training data only where the rules look.

        The training data is the largest and least telling.
        """
        is_check = is_check_round(round_index + 1)
        if is_check or is_class_round(round_index, every=self._classes_every):
            self._take_classes(round_index, training=is_check or self._classes_every is not None)

    def margins(self, round_index: int) -> None:
        """Row margins after a round, if it is one of those."""
        if self._margin_rows and is_margin_round(round_index + 1, dense=DENSE_ROUNDS):
            self._take_margins(round_index)

    def begin_samples(self) -> None:
        """The booster has been described: choose the rows whose predictions are kept."""
        self._samples.begin()

    def samples(self, round_index: int) -> None:
        """Sampled predictions after a round, if it is one of those at which class balance is recorded."""
        if is_check_round(round_index + 1) or is_class_round(round_index, every=self._classes_every):
            self._samples.take(round_index)

    def last_classes(self, round_index: int) -> None:
        """Class balance at the end."""
        self._take_classes(round_index, training=True)

    def last_margins(self, round_index: int) -> None:
        """Row margins at the end."""
        if self._margin_rows and round_index != self._margins_at:
            self._take_margins(round_index)

    def last_predictions(self, round_index: int) -> None:
        """Record the sampled predictions at the end, and, for the header's `extra`, what they are like."""
        self._samples.finish(round_index)
        seen = {
            name: {"round_index": round_index, **facts} for name, facts in self._port.predictions().items() if facts
        }
        if seen:
            self._run.header.extra["predicted"] = seen
            self._queue(encode_header({"predicted": seen}))

    def _take_classes(self, round_index: int, *, training: bool) -> None:
        evaluated = round_index != self._classes_at
        training = training and round_index != self._training_classes_at
        self._classes_at = round_index
        if training:
            self._training_classes_at = round_index
        for record in self._port.classes(round_index, evaluated=evaluated, training=training):
            self._run.classes.append(record)
            self._queue(encode_classes(record))

    def _take_margins(self, round_index: int) -> None:
        self._margins_at = round_index
        for record in self._port.margins(round_index):
            self._run.ensure_stream(MarginLog).append(record)
            self._queue(encode_margins(record))
