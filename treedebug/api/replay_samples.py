"""What a replay adds to the record of a run: predictions of the last and the best round, and errors by label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.label_error_log import LabelErrorLog
from treedebug.core.run.prediction_log import MARGIN, PROBABILITY, SCORE, VALUE, PredictionLog, PredictionRecord
from treedebug.core.run.round_schedule import is_class_round
from treedebug.core.run.run_data import RunData
from treedebug.readers.link_functions import transform
from treedebug.readers.model_facts import ModelFacts
from treedebug.recorders.lightgbm.lightgbm_port import AMOUNTS as LIGHTGBM_AMOUNTS
from treedebug.recorders.prediction_meter import LabelErrors, PredictionMeter, ToldRows
from treedebug.recorders.xgboost.xgboost_port import AMOUNTS as XGBOOST_AMOUNTS

Floats = NDArray[np.float64]
DATASET = "replay"
_NO_MARGINS = {"binary:hinge": SCORE, "multiclassova": PROBABILITY}


class ReplaySamples:
    """Fills the run's own streams, in memory, under the dataset "replay"; nothing for labels that are no column."""

    def __init__(self, run: RunData, label: Floats, weight: Floats | None, facts: ModelFacts) -> None:
        self._run, self._facts = run, facts
        self._best = run.evals.best_round()
        classes = facts.n_classes if run.header.n_classes else 0
        amounts = LIGHTGBM_AMOUNTS if facts.library == "lightgbm" else XGBOOST_AMOUNTS
        usual = MARGIN if classes else VALUE if run.header.objective in amounts else SCORE
        self._scale = _NO_MARGINS.get(run.header.objective, usual)
        self._meter: PredictionMeter | None = None
        try:
            self._meter = PredictionMeter(DATASET, ToldRows(len(label), label, weight), n_classes=classes)
        except ValueError:
            return
        run.ensure_stream(PredictionLog).set_rows(self._meter.rows)
        self._errors = LabelErrors(self._meter.rows)
        kept = [r for r in run.stream(LabelErrorLog) or () if r.dataset != DATASET]
        if run.has_stream(LabelErrorLog):
            run.add_stream(LabelErrorLog, LabelErrorLog(kept))

    def take(self, round_index: int, margin: Floats, *, last: bool) -> None:
        """Look at a round: its margins (n_rows, n_outputs) of all rows."""
        is_kept, is_class = last or round_index == self._best, last or is_class_round(round_index)
        if self._meter is None or not (is_kept or (self._scale == VALUE and is_class)):
            return
        raw = self._scale in (MARGIN, SCORE)
        scores = self._meter.kept(margin if raw else transform(margin, self._facts))
        record = PredictionRecord(round_index, DATASET, self._scale, scores.astype(np.float32))
        errors = self._errors.measure(record) if is_class else None
        if errors is not None:
            self._run.ensure_stream(LabelErrorLog).append(errors)
        if is_kept:
            self._run.ensure_stream(PredictionLog).append(record)
