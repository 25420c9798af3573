"""Predictions of the last and of the best round, and errors by label: what is kept while a training runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from treedebug.core.run.label_error_log import LabelErrorLog
from treedebug.core.run.prediction_log import PredictionLog, PredictionRecord
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import RunData
from treedebug.recorders.booster_port import BoosterPort
from treedebug.recorders.prediction_meter import LabelErrors
from treedebug.recorders.prediction_sampler import Sampler
from treedebug.store.prediction_records import encode_label_errors, encode_prediction_rows, encode_predictions


class SampledPredictions:
    """The samples of one session. `queue` takes records for the store; whatever raises is the caller's to note.

    At the rounds at which class balance is recorded, predictions are at hand: those of the best such round are kept.
    At the end the port may have those of the very best round; else these stand for it, under their own round.
    """

    def __init__(self, port: BoosterPort, run: RunData, queue: Callable[[Record], None]) -> None:
        self._port = port
        self._run = run
        self._queue = queue
        self._sampler: Sampler | None = None
        self._errors: dict[str, LabelErrors] = {}
        self._best: Sequence[PredictionRecord] = ()
        self._best_score = math.inf
        self._last_at = -1

    def begin(self) -> None:
        """The booster has been described: choose the rows."""
        self._sampler = self._port.sampler()
        log = self._run.ensure_stream(PredictionLog)
        self._errors = {}
        for rows in self._sampler.rows:
            log.set_rows(rows)
            self._errors[rows.dataset] = LabelErrors(rows)
        if not log.rows:
            self._run.drop_stream(PredictionLog)

    def take(self, round_index: int) -> Sequence[PredictionRecord]:
        """Measure after a round: record errors by label, and keep the predictions if no round before was better."""
        if self._sampler is None:
            return ()
        self._last_at = round_index
        records = self._sampler.now(round_index)
        for record in records:
            errors = self._errors[record.dataset].measure(record)
            if errors is not None:
                self._run.ensure_stream(LabelErrorLog).append(errors)
                self._queue(encode_label_errors(errors))
        score = self._score_at(round_index)
        if score < self._best_score:
            self._best, self._best_score = records, score
        return records

    def finish(self, round_index: int) -> None:
        """Record the predictions of the last round, and of the best where that is another one."""
        if self._sampler is None:
            return
        last = self._sampler.now(round_index) if round_index == self._last_at else self.take(round_index)
        if not last:
            return
        best_round = self._run.evals.best_round()
        best = self._best
        if best_round is not None and (not best or best[0].round_index != best_round):
            best = self._sampler.at(best_round) if best_round != round_index else last
            best = best or self._best
        log = self._run.ensure_stream(PredictionLog)
        for rows in log.rows.values():
            self._queue(encode_prediction_rows(rows))
        for record in (*(r for r in best if r.round_index != round_index), *last):
            log.append(record)
            self._queue(encode_predictions(record))

    def _score_at(self, round_index: int) -> float:
        """The deciding metric after a round, lower is better; infinite where it is not known."""
        evals = self._run.evals
        key = evals.deciding()
        series = None if key is None else evals.series(*key)
        if series is None or series.higher_is_better is None or not len(series.rounds):
            return math.inf
        value = float(series.values[-1])
        if series.rounds[-1] != round_index or math.isnan(value):
            return math.inf
        return -value if series.higher_is_better else value
