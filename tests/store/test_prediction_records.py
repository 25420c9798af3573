"""Records of predictions that do not fit together change nothing."""

import numpy as np
import pytest

from treedebug.core.run.label_error_log import LabelErrorLog
from treedebug.core.run.prediction_log import VALUE, PredictionLog, PredictionRecord, SampledRows
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import RunData
from treedebug.store.prediction_records import encode_prediction_rows, encode_predictions
from treedebug.store.record_decoders import apply


def rows(**more):
    labels = np.arange(4, dtype=np.float32)
    return encode_prediction_rows(SampledRows(dataset="valid", n_rows=9, labels=labels, **more))


def queries():
    return rows(query_starts=np.array([1, 6]), query_sizes=np.array([2, 2]))


def changed(record, blob=None, **fields):
    return Record(record.kind, {**record.fields, **fields}, record.blob if blob is None else blob)


def as_blob(starts, sizes):
    return rows().blob + np.array([starts, sizes], dtype="<i8").tobytes()


@pytest.mark.parametrize(
    "record",
    [
        changed(rows(), n_kept=5), changed(rows(), n_kept=0), changed(rows(), n_kept=-1), changed(rows(), n_rows=3),
        changed(rows(), n_kept=2**60, n_rows=2**61), changed(rows(), columns=[]), changed(rows(), columns=["weight"]),
        changed(rows(), n_queries=2), changed(queries(), as_blob([1, 6], [2, 3])),
        changed(queries(), as_blob([1, 6], [-1, 5])), changed(queries(), as_blob([6, 1], [2, 2])),
        changed(queries(), as_blob([1, 8], [2, 2])), changed(queries(), as_blob([-1, 6], [2, 2])),
        changed(queries(), as_blob([1, 2**62], [2, 2])), changed(queries(), as_blob([1, 2], [2, 2])),
        Record("predictions", {"round_index": 1, "dataset": "valid", "scale": VALUE, "n_outputs": 1}, b"\0" * 16),
        Record("label_errors", {"round_index": 1, "dataset": "valid"}, b"\0" * 8),
        Record("label_errors", {"round_index": 1, "dataset": "valid"}, np.full(5, np.nan).tobytes()),
        Record("label_errors", {"round_index": 1, "dataset": "valid"}, b""),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(record):
    run = RunData()
    with pytest.raises((ValueError, KeyError)):
        apply(run, record)
    assert not run.has_stream(PredictionLog)
    assert not run.has_stream(LabelErrorLog)


@pytest.mark.parametrize(
    ("fields", "n"), [({"n_outputs": 0}, 4), ({"n_outputs": 2}, 4), ({"scale": "odds"}, 4), ({}, 3)]
)
def test_predictions_need_their_rows_and_a_known_scale(fields, n):
    run = RunData()
    apply(run, rows())
    record = encode_predictions(PredictionRecord(3, "valid", VALUE, np.zeros((4, 1), dtype=np.float32)))
    with pytest.raises(ValueError, match="predictions"):
        apply(run, changed(record, record.blob[: 4 * n], **fields))
    assert len(run.stream(PredictionLog)) == 0
    apply(run, record)
    assert len(run.stream(PredictionLog)) == 1


def test_a_rewind_forgets_later_predictions():
    run = RunData()
    apply(run, queries())
    for k in (3, 9):
        apply(run, encode_predictions(PredictionRecord(k, "valid", VALUE, np.full((4, 1), k, dtype=np.float32))))
    assert run.stream(PredictionLog).rows["valid"].rows.tolist() == [1, 2, 6, 7]
    apply(run, Record("rewind", {"n_rounds": 9}))
    assert [r.round_index for r in run.stream(PredictionLog)] == [3]
    assert len(run.stream(PredictionLog).until(3)) == 0
