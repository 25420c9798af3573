"""Records of sampled predictions, of the rows they belong to, and of errors by label: encoders and decoders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.label_error_log import LabelErrorLog, LabelErrorRecord
from treedebug.core.run.prediction_log import SCALES, PredictionLog, PredictionRecord, SampledRows
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import RunData
from treedebug.store.file_format import blob_of

Ints = NDArray[np.int64]
_ERROR_COLUMNS = 3


def encode_prediction_rows(rows: SampledRows) -> Record:
    """The rows of one dataset whose predictions are kept."""
    columns = {"label": rows.labels} | ({} if rows.weights is None else {"weight": rows.weights})
    queries = (rows.query_starts, rows.query_sizes) if rows.query_starts is not None else ()
    fields = {"dataset": rows.dataset, "n_rows": rows.n_rows, "n_kept": len(rows.labels), "columns": list(columns)}
    blob = b"".join(np.asarray(v, dtype="<f4").tobytes() for v in columns.values())
    blob += b"".join(np.asarray(v, dtype="<i8").tobytes() for v in queries)
    return Record("prediction_rows", fields | ({"n_queries": len(queries[0])} if queries else {}), blob)


def encode_predictions(record: PredictionRecord) -> Record:
    """The predictions of one dataset's rows after one round."""
    fields = {"round_index": record.round_index, "dataset": record.dataset, "scale": record.scale}
    blob = np.asarray(record.scores, dtype="<f4").tobytes()
    return Record("predictions", {**fields, "n_outputs": record.scores.shape[1]}, blob)


def encode_label_errors(record: LabelErrorRecord) -> Record:
    """The errors of one dataset by bin of the label after one round."""
    columns = (record.n_rows, record.mean_error, record.mean_absolute_error)
    blob = np.asarray(record.edges, dtype="<f8").tobytes() + np.array(columns, dtype="<f8").tobytes()
    return Record("label_errors", {"round_index": record.round_index, "dataset": record.dataset}, blob)


def apply_prediction_rows(run: RunData, record: Record) -> None:
    """Add rows to a run. Raises ValueError for numbers that do not fit together."""
    f = record.fields
    n_rows, n, names = int(f["n_rows"]), int(f["n_kept"]), [str(c) for c in f["columns"]]
    blob, end, n_queries = blob_of(record).load(), 4 * n * len(names), f.get("n_queries")
    if not 0 < n <= n_rows or len(blob) != end + 16 * int(n_queries or 0):
        raise ValueError(f"{len(blob)} bytes for {n} of {n_rows} rows")
    matrix = np.frombuffer(blob[:end], dtype="<f4").reshape(len(names), n).astype(np.float32)
    columns = dict(zip(names, matrix, strict=True))
    starts, sizes = None, None
    if n_queries is not None:
        starts, sizes = np.frombuffer(blob[end:], dtype="<i8").astype(np.int64).reshape(2, int(n_queries))
        _check_queries(starts, sizes, n, n_rows)
    found = SampledRows(
        dataset=str(f["dataset"]), n_rows=n_rows, labels=columns["label"], weights=columns.get("weight"),
        query_starts=starts, query_sizes=sizes,
    )  # fmt: skip
    run.ensure_stream(PredictionLog).set_rows(found)


def _check_queries(starts: Ints, sizes: Ints, n: int, n_rows: int) -> None:
    if (sizes < 0).any() or (sizes > n).any() or int(sizes.sum()) != n:
        raise ValueError(f"{len(sizes)} queries that do not hold {n} rows")
    ends = starts + sizes  # no overflow: a start beyond all rows is refused first
    if (starts < 0).any() or (starts > n_rows).any() or (ends > n_rows).any() or (starts[1:] < ends[:-1]).any():
        raise ValueError(f"queries that do not lie one after the other in {n_rows} rows")


def apply_predictions(run: RunData, record: Record) -> None:
    """Add predictions to a run. Raises ValueError for some without rows, or of an unknown scale."""
    f = record.fields
    log, dataset, scale = run.stream(PredictionLog), str(f["dataset"]), str(f["scale"])
    n = 0 if log is None or dataset not in log.rows else len(log.rows[dataset].labels)
    blob, n_outputs = blob_of(record).load(), int(f["n_outputs"])
    if log is None or not n or n_outputs < 1 or len(blob) != 4 * n * n_outputs:
        raise ValueError(f"{len(blob)} bytes of predictions for {n} rows")
    if scale not in SCALES:
        raise ValueError(f"expected predictions of the scale {', '.join(SCALES)}; got {scale[:40]!r}")
    scores = np.frombuffer(blob, dtype="<f4").reshape(n, n_outputs).astype(np.float32)
    log.append(PredictionRecord(int(f["round_index"]), dataset, scale, scores))


def apply_label_errors(run: RunData, record: Record) -> None:
    """Add errors by label to a run. Raises ValueError for numbers that do not fit together."""
    f = record.fields
    numbers = np.frombuffer(blob_of(record).load(), dtype="<f8").astype(np.float64)
    n_bins, left = divmod(len(numbers) - 1, 1 + _ERROR_COLUMNS)
    if left or n_bins < 1:
        raise ValueError(f"{len(numbers)} numbers of errors by label")
    columns = numbers[n_bins + 1 :].reshape(_ERROR_COLUMNS, n_bins)
    if not np.isfinite(columns[0]).all() or (np.abs(columns[0]) > 2**53).any():
        raise ValueError("numbers of rows that are none")
    run.ensure_stream(LabelErrorLog).append(
        LabelErrorRecord(
            int(f["round_index"]), str(f["dataset"]), numbers[: n_bins + 1], columns[0].astype(np.int64), columns[1],
            columns[2],
        )
    )  # fmt: skip
