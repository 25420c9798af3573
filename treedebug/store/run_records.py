"""The kinds of records, an encoder for each; `record_decoders` reads them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.data_sets import DataSets
from treedebug.core.findings import Finding
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.eval_log import UNKNOWN_USAGE, Usage
from treedebug.core.run.records import Record, TreeBatch
from treedebug.core.run.run_data import Header, Note

OPENED, CLOSED = "opened", "closed"
"""Events of a finding: it stands from now on; it no longer stands."""


class RoundRow(NamedTuple):
    """One round as it is recorded; `values` holds the metrics evaluated in it, by (dataset, metric)."""

    round_index: int
    learning_rate: float
    seconds: float
    iterations: int
    values: Mapping[tuple[str, str], float] = MappingProxyType({})
    usage: Usage = UNKNOWN_USAGE


def encode_header(header: Header | Mapping[str, Any]) -> Record:
    """A header, or only the fields of it that changed."""
    if isinstance(header, Header):
        return Record("header", {f.name: getattr(header, f.name) for f in fields(header)})
    return Record("header", dict(header))


def encode_rounds(
    rows: Sequence[RoundRow], *, directions: Mapping[str, bool] | None = None, training: Iterable[str] = ()
) -> list[Record]:
    """Rounds in order; a new record begins where the metrics change or a round is missing."""
    records: list[Record] = []
    start = 0
    for stop in range(1, len(rows) + 1):
        if stop == len(rows) or not _goes_on(rows[stop - 1], rows[stop]):
            records.append(_encode_block(rows[start:stop], dict(directions or {}), sorted(training)))
            if any(row.usage is not UNKNOWN_USAGE for row in rows[start:stop]):
                records.append(_encode_usage(rows[start:stop]))
            start = stop
    return records


def _goes_on(row: RoundRow, following: RoundRow) -> bool:
    return following.round_index == row.round_index + 1 and list(following.values) == list(row.values)


def _encode_block(rows: Sequence[RoundRow], directions: dict[str, bool], training: list[str]) -> Record:
    matrix = [(r.learning_rate, r.seconds, r.iterations, *r.values.values()) for r in rows]
    block = {
        "start": rows[0].round_index,
        "n": len(rows),
        "columns": [list(key) for key in rows[0].values],
        "directions": directions,
        "training": training,
    }
    return Record("rounds", block, np.array(matrix, dtype="<f8").tobytes())


def _encode_usage(rows: Sequence[RoundRow]) -> Record:
    matrix = [row.usage for row in rows]
    return Record("usage", {"start": rows[0].round_index, "n": len(rows)}, np.array(matrix, dtype="<f8").tobytes())


def encode_trees(batch: TreeBatch, *, covers: int | None = None) -> Record:
    """A batch of trees.

    `covers` says that all trees of the rounds before it are recorded with this batch; without it, that holds up to the
    batch's last round. An empty batch (no rounds) tells that rounds have no trees.
    """
    rounds = [int(r) for r in batch.rounds]
    is_range = bool(rounds) and rounds == list(range(rounds[0], rounds[-1] + 1))
    place: dict[str, Any] = {"rounds": [rounds[0], rounds[-1]]} if is_range else {"round_list": rounds}
    if covers is not None:
        place["covers"] = covers
    return Record("trees", {"library": batch.library, **place, "first_tree": batch.first_tree}, batch.raw)


def encode_classes(record: ClassRecord) -> Record:
    """The class balance of one dataset after one round."""
    k = len(record.label_weight)
    place = {"round_index": record.round_index, "dataset": record.dataset, "n_classes": k}
    columns = (
        np.asarray(record.confusion, dtype="<i8"),
        np.asarray(record.label_weight, dtype="<f8"),
        np.asarray(record.mean_probability, dtype="<f8"),
    )
    return Record("classes", place, b"".join(c.tobytes() for c in columns))


def encode_weights(round_index: int, weights: NDArray[np.float64]) -> Record:
    """Return the weights of all trees as of a round (DART)."""
    return Record("weights", {"round_index": round_index}, np.asarray(weights, dtype="<f8").tobytes())


def encode_revision(round_index: int, library: str, raw: bytes) -> Record:
    """The raw model of all trees as of a round (LightGBM's DART)."""
    return Record("revision", {"round_index": round_index, "library": library}, raw)


def encode_data(sets: DataSets) -> Record:
    """What was measured of the tables before the training: JSON, deflated."""
    return Record("data", {"train": sets.train.name}, zlib.compress(sets.to_json().encode("utf-8")))


def encode_finding(finding: Finding, *, event: str, n_rounds: int) -> Record:
    """A finding that stands from `n_rounds` rounds on (OPENED), or no longer does (CLOSED)."""
    return Record("finding", {**finding.to_dict(), "event": event, "n_rounds": n_rounds})


def encode_note(note: Note) -> Record:
    """A note."""
    place = {"topic": note.topic, "message": note.message, "round_index": note.round_index}
    return Record("note", {**place, "is_damage": True} if note.is_damage else place)


def encode_rewind(n_rounds: int) -> Record:
    """A continued training starts over from `n_rounds`: whatever was recorded at or after it is superseded."""
    return Record("rewind", {"n_rounds": n_rounds})


def encode_beat(n_rounds: int, idle: float) -> Record:
    """The training is at it, though nothing was recorded for `idle` seconds, since `n_rounds` rounds were."""
    return Record("beat", {"n_rounds": n_rounds, "idle": round(idle, 1)})


def encode_end(*, state: str, best_round: int | None, reason: str, n_rounds: int) -> Record:
    """The training has ended, in one of the states of `core.run`."""
    return Record("end", {"state": state, "best_round": best_round, "reason": reason, "n_rounds": n_rounds})
