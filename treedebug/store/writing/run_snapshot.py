"""A run in memory as records: what is written anew where its file has lost a part of the record."""

from __future__ import annotations

from treedebug.core.data.data_sets import DataSets
from treedebug.core.run.eval_log import RoundLog, Usage
from treedebug.core.run.label_error_log import LabelErrorLog
from treedebug.core.run.margin_log import MarginLog
from treedebug.core.run.prediction_log import PredictionLog
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import RunData
from treedebug.store.margin_records import encode_margin_labels, encode_margins
from treedebug.store.prediction_records import encode_label_errors, encode_prediction_rows, encode_predictions
from treedebug.store.run_records import (
    OPENED,
    RoundRow,
    encode_classes,
    encode_data,
    encode_finding,
    encode_header,
    encode_note,
    encode_rounds,
)


def snapshot(run: RunData) -> list[Record]:
    """Return everything that a live run holds in memory: all but its trees and its end."""
    records = [encode_header(run.header)]
    sets = run.stream(DataSets)
    if sets is not None:
        records.append(encode_data(sets))
    records += encode_rounds(_rows(run), directions=run.evals.directions, training=run.evals.training)
    records += [encode_classes(c) for c in run.classes]
    margins = run.stream(MarginLog)
    if margins is not None:
        records += [encode_margin_labels(dataset, labels) for dataset, labels in margins.labels.items()]
        records += [encode_margins(m) for m in margins]
    records += [encode_label_errors(e) for e in run.stream(LabelErrorLog) or ()]
    predictions = run.stream(PredictionLog)
    if predictions is not None:
        records += [encode_prediction_rows(rows) for rows in predictions.rows.values()]
        records += [encode_predictions(p) for p in predictions]
    records += [encode_finding(f, event=OPENED, n_rounds=f.detected_at or run.n_rounds) for f in run.findings]
    return [*records, *(encode_note(n) for n in run.notes)]


def _rows(run: RunData) -> list[RoundRow]:
    log: RoundLog = run.rounds
    values: dict[int, dict[tuple[str, str], float]] = {}
    for curve in run.evals:
        for round_index, value in zip(curve.rounds.tolist(), curve.values.tolist(), strict=True):
            values.setdefault(round_index, {})[curve.dataset, curve.metric] = value
    usage = zip(log.cpu_seconds.tolist(), log.peak_memory.tolist(), log.evaluation_seconds.tolist(), strict=True)
    facts = (log.learning_rate.tolist(), log.seconds.tolist(), log.iterations.tolist())
    columns = zip(log.rounds.tolist(), *facts, usage, strict=True)
    return [RoundRow(r, rate, s, i, values.get(r, {}), Usage(*u)) for r, rate, s, i, u in columns]
