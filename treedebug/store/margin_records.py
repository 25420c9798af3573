"""Records of row margins and of the labels they belong to: an encoder and a decoder of each."""

from __future__ import annotations

import numpy as np

from treedebug.core.run.margin_log import MarginLog, MarginRecord, Margins
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import RunData
from treedebug.store.file_format import blob_of

_MARGIN_COLUMNS = ("margin", "lead", "loss")


def encode_margin_labels(dataset: str, labels: Margins) -> Record:
    """The labels of the rows whose margins are kept."""
    return Record("margin_labels", {"dataset": dataset}, np.asarray(labels, dtype="<f4").tobytes())


def encode_margins(record: MarginRecord) -> Record:
    """The margins of one dataset's rows after one round."""
    place = {"round_index": record.round_index, "dataset": record.dataset, "n_rows": record.n_rows}
    columns = {n: v for n in _MARGIN_COLUMNS if (v := getattr(record, n)) is not None}
    blob = b"".join(np.asarray(v, dtype="<f4").tobytes() for v in columns.values())
    return Record("margins", {**place, "columns": list(columns)}, blob)


def apply_margin_labels(run: RunData, record: Record) -> None:
    """Add labels to a run."""
    dataset = str(record.fields["dataset"])
    labels = np.frombuffer(blob_of(record).load(), dtype="<f4").astype(np.float32)
    run.ensure_stream(MarginLog).set_labels(dataset, labels)


def apply_margins(run: RunData, record: Record) -> None:
    """Add margins to a run. Raises ValueError for some without labels."""
    f = record.fields
    names = [str(n) for n in f["columns"]]
    matrix = np.frombuffer(blob_of(record).load(), dtype="<f4").reshape(len(names), -1).astype(np.float32)
    known = {n: values for n, values in zip(names, matrix, strict=True) if n in _MARGIN_COLUMNS}
    found = MarginRecord(int(f["round_index"]), str(f["dataset"]), int(f["n_rows"]), **known)
    log = run.stream(MarginLog)
    labels = () if log is None else log.labels.get(found.dataset, ())
    if log is None or not 0 < len(found.margin) == len(labels) <= found.n_rows:
        raise ValueError(f"{len(found.margin)} margins for {len(labels)} labels of {found.n_rows} rows")
    log.append(found)
