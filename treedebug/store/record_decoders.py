"""How records become a RunData: a decoder for each kind.

Each reads all of its record before it changes the run, so that a malformed one changes nothing.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable
from importlib.metadata import entry_points

import numpy as np

from treedebug.core.data.data_sets import DataSets
from treedebug.core.errors import FormatError
from treedebug.core.findings import Finding
from treedebug.core.run.beat import Beat
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.label_error_log import LabelErrorLog
from treedebug.core.run.margin_log import MarginLog
from treedebug.core.run.prediction_log import PredictionLog
from treedebug.core.run.rate_log import RateLog
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import Note, RunData
from treedebug.store.file_format import blob_of
from treedebug.store.header_types import checked_header
from treedebug.store.margin_records import apply_margin_labels, apply_margins
from treedebug.store.prediction_records import apply_label_errors, apply_prediction_rows, apply_predictions
from treedebug.store.rate_records import apply_rates
from treedebug.store.recorded_trees import BatchRef, RecordedTrees
from treedebug.store.run_records import OPENED

_ROUND_COLUMNS, _USAGE_COLUMNS = 3, 3
_GROWTH, _FLOOR = 100, 1 << 20
"""A profile may be this many times its bytes when inflated, and a megabyte besides."""
_MOST_ROUNDS = 1 << 20
"""Rounds that may be missing from a record, or come before it: arrays over the rounds are as long as their number."""
LIBRARIES = ("xgboost", "lightgbm")
"""Libraries whose trees are read and rebuilt; nothing else that a file names is ever imported."""


def _apply_header(run: RunData, record: Record) -> None:
    run.header.update(checked_header(record.fields))
    run.ending = None


def _apply_rounds(run: RunData, record: Record) -> None:
    f = record.fields
    columns = [(str(dataset), str(metric)) for dataset, metric in f["columns"]]
    matrix = np.frombuffer(blob_of(record).load(), dtype="<f8").reshape(int(f["n"]), _ROUND_COLUMNS + len(columns))
    start = int(f["start"])
    if start < run.n_rounds:
        raise ValueError(f"round {start} comes again without a rewind")
    if start > run.header.start_round + run.rounds.n_recorded + _MOST_ROUNDS:
        raise ValueError(f"round {start} comes after {run.rounds.n_recorded} recorded rounds")
    rows = [(*row[:2], int(row[2]), row[_ROUND_COLUMNS:]) for row in matrix.tolist()]
    directions = {str(k): bool(v) for k, v in f.get("directions", {}).items()}
    training = [str(dataset) for dataset in f.get("training", ())]
    run.evals.training.update(training)
    run.evals.directions.update(directions)
    for index, (learning_rate, seconds, iterations, values) in enumerate(rows, start):
        for (dataset, metric), value in zip(columns, values, strict=True):
            run.evals.append(index, dataset, metric, value)
        run.rounds.append(index, learning_rate=learning_rate, seconds=seconds, iterations=iterations)
    run.ending = None


def _apply_usage(run: RunData, record: Record) -> None:
    f = record.fields
    matrix = np.frombuffer(blob_of(record).load(), dtype="<f8").reshape(int(f["n"]), _USAGE_COLUMNS)
    run.rounds.set_usage(int(f["start"]), matrix.astype(np.float64))


def _apply_trees(run: RunData, record: Record) -> None:
    f = record.fields
    if "rounds" in f:
        first, last = (int(r) for r in f["rounds"])
        if last - first > blob_of(record).length:  # a round takes many bytes
            raise ValueError(f"a batch of {last - first} rounds in {blob_of(record).length} bytes")
        rounds = np.arange(first, last + 1, dtype=np.int64)
    else:
        rounds = np.array(f["round_list"], dtype=np.int64)
    if f["library"] not in LIBRARIES:
        raise FormatError(f"expected trees of {' or '.join(LIBRARIES)}, got {str(f['library'])[:40]!r}")
    covers = f.get("covers")
    ref = BatchRef(str(f["library"]), rounds, rounds, int(f["first_tree"]), blob_of(record))
    _recorded(run).add(ref, None if covers is None else int(covers))


def _apply_classes(run: RunData, record: Record) -> None:
    f = record.fields
    k = int(f["n_classes"])
    confusion, weight, probability = np.split(np.frombuffer(blob_of(record).load(), dtype="<i8"), [k * k, k * k + k])
    if len(probability) != k:
        raise ValueError(f"expected the numbers of {k} classes")
    run.classes.append(
        ClassRecord(
            int(f["round_index"]),
            str(f["dataset"]),
            confusion.reshape(k, k).astype(np.int64),
            weight.view("<f8").astype(np.float64),
            probability.view("<f8").astype(np.float64),
        )
    )


def _apply_weights(run: RunData, record: Record) -> None:
    weights = np.frombuffer(blob_of(record).load(), dtype="<f8").astype(np.float64)
    _recorded(run).add_weights(int(record.fields["round_index"]), weights)


def _apply_revision(run: RunData, record: Record) -> None:
    f = record.fields
    if f["library"] not in LIBRARIES:
        raise FormatError(f"expected trees of {' or '.join(LIBRARIES)}, got {str(f['library'])[:40]!r}")
    _recorded(run).add_revision(int(f["round_index"]), str(f["library"]), blob_of(record))


def _apply_data(run: RunData, record: Record) -> None:
    inflate, packed = zlib.decompressobj(), blob_of(record).load()
    try:
        text = inflate.decompress(packed, _GROWTH * len(packed) + _FLOOR)
    except zlib.error as error:
        raise ValueError(f"a profile of data that is damaged: {error}") from error
    if not inflate.eof:
        raise ValueError("a profile of data that does not end, or inflates beyond measure")
    run.add_stream(DataSets, DataSets.from_json(text.decode("utf-8")))


def _apply_finding(run: RunData, record: Record) -> None:
    finding = Finding.from_dict(record.fields)
    if finding.detected_at is None:
        finding = finding.seen(int(record.fields["n_rounds"]))
    # What stands, by key: a finding that opens again, or changes, replaces the one of the same key.
    run.standing.pop(finding.key, None)
    if record.fields["event"] == OPENED:
        run.standing[finding.key] = finding


def _apply_note(run: RunData, record: Record) -> None:
    f = record.fields
    round_index = f.get("round_index")
    at = None if round_index is None else int(round_index)
    run.notes.append(Note(str(f["topic"]), str(f["message"]), at, is_damage=f.get("is_damage") is True))


def _apply_rewind(run: RunData, record: Record) -> None:
    n_rounds = int(record.fields["n_rounds"])
    streams = (run.stream(MarginLog), run.stream(PredictionLog), run.stream(LabelErrorLog), run.stream(RateLog))
    for log in (run.evals, run.rounds, run.classes, *streams):
        if log is not None:
            log.truncate(n_rounds)
    if isinstance(run.trees, RecordedTrees):
        run.trees.truncate(n_rounds)
    run.standing = {key: f for key, f in run.standing.items() if (f.detected_at or 0) <= n_rounds}
    run.ending = None


def _apply_beat(run: RunData, record: Record) -> None:
    beat = Beat(int(record.fields["n_rounds"]), float(record.fields["idle"]))
    run.drop_stream(Beat)
    run.add_stream(Beat, beat)


def _apply_end(run: RunData, record: Record) -> None:
    f = record.fields
    run.ending = {
        "state": str(f["state"]),
        "best_round": f.get("best_round"),
        "reason": f.get("reason", ""),
        "n_rounds": int(f.get("n_rounds", run.n_rounds)),
    }


def _recorded(run: RunData) -> RecordedTrees:
    if not isinstance(run.trees, RecordedTrees):
        raise TypeError("a run that takes tree records needs RecordedTrees as its tree source")
    return run.trees


_DECODERS: dict[str, Callable[[RunData, Record], None]] = {
    "header": _apply_header,
    "rounds": _apply_rounds,
    "usage": _apply_usage,
    "trees": _apply_trees,
    "classes": _apply_classes,
    "margin_labels": apply_margin_labels,
    "margins": apply_margins,
    "rates": apply_rates,
    "prediction_rows": apply_prediction_rows,
    "predictions": apply_predictions,
    "label_errors": apply_label_errors,
    "weights": _apply_weights,
    "revision": _apply_revision,
    "data": _apply_data,
    "finding": _apply_finding,
    "note": _apply_note,
    "rewind": _apply_rewind,
    "beat": _apply_beat,
    "end": _apply_end,
}
KINDS = frozenset(_DECODERS)
"""The kinds this version knows."""
ENTRY_POINTS = "treedebug.records"
"""Group of entry points by which other packages read records of their own: the kind, and its decoder."""


@functools.cache
def _foreign(kind: str) -> Callable[[RunData, Record], None] | None:
    """Return the decoder of a kind that another installed package writes; loaded only when such a record turns up."""
    for entry in entry_points(group=ENTRY_POINTS, name=kind):
        loaded: Callable[[RunData, Record], None] = entry.load()
        return loaded
    return None


def apply(run: RunData, record: Record) -> bool:
    """Add one record to a run (whose `trees` is a RecordedTrees, where there are any); False if its kind is unknown.

    Raises KeyError, TypeError, ValueError, AttributeError or OverflowError for a malformed record, and changes nothing
    then.
    """
    decode = _DECODERS.get(record.kind) or _foreign(record.kind)
    if decode is None:
        return False
    decode(run, record)
    return True
