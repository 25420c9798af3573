"""How a network's record is written and read back: the kinds of records that nn_bridge adds to a run's log.

They are read through the entry-point group `treedebug.records`. Numbers are little-endian; `schema` numbers a list of
keys that is written once, before the first block that uses it. `kind` of a whole tensor is activation or custom (at a
sampled step), or, of rows that the user probes, probe (a layer's outputs), and for the layer "" input and saliency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import N_BINS, Floats, Histogram, TensorKey, TensorLog
from nn_bridge.record.whole_tensors import TensorRef, WholeTensor, WholeTensors
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import RunData
from treedebug.store.file_format import blob_of

FACTS, SCHEMA, TENSORS, SILENT, HISTOGRAM, WHOLE = (
    "nn-facts", "nn-schema", "nn-tensors", "nn-silent", "nn-histogram", "nn-whole",
)  # fmt: skip
LOSSY = frozenset({WHOLE, HISTOGRAM})
"""What may be given up where a disk refuses records for long."""


@dataclass
class Schemas:
    """The lists of keys a log has numbered so far; a stream that only reading needs."""

    keys: list[tuple[TensorKey, ...]] = field(default_factory=list)

    def until(self, n_rounds: int) -> Schemas:  # noqa: ARG002 - they hold for every round
        """The lists themselves."""
        return self


# -- encoders ----------------------------------------------------------------------------------------------------------


def encode_facts(facts: NetFacts) -> Record:
    """What is known of the net; a later record replaces an earlier one."""
    return Record(FACTS, facts.to_dict())


def encode_schema(keys: Sequence[TensorKey]) -> Record:
    """A list of keys, numbered in the order of these records."""
    return Record(SCHEMA, {"keys": [list(key) for key in keys]})


def encode_tensors(step: int, round_index: int, schema: int, values: Floats) -> Record:
    """The statistics of one sampled step; `values` (n_keys,)."""
    place = {"schema": schema, "step": step, "round_index": round_index}
    return Record(TENSORS, place, np.asarray(values, dtype="<f8").tobytes())


def encode_silent(step: int, round_index: int, masks: dict[str, NDArray[np.bool_]]) -> Record:
    """Which units of which layers were silent on one step's batch."""
    layers = [[name, len(mask)] for name, mask in masks.items()]
    blob = b"".join(np.packbits(mask).tobytes() for mask in masks.values())
    return Record(SILENT, {"step": step, "round_index": round_index, "layers": layers}, blob)


def encode_log(log: TensorLog) -> list[Record]:
    """All statistics of a log, behind the lists of keys that they are numbered by: the first list is number 0."""
    blocks = list(log.rows())
    records = [encode_schema(keys) for keys, *_ in blocks]
    for schema, (_, steps, rounds, rows) in enumerate(blocks):
        places = zip(steps.tolist(), rounds.tolist(), rows, strict=True)
        records += [encode_tensors(step, round_index, schema, row) for step, round_index, row in places]
    for layer in log.silent_layers():
        held = log.silent(layer)
        places = zip(held.steps.tolist(), held.rounds.tolist(), held.masks, strict=True)
        records += [encode_silent(step, round_index, {layer: mask}) for step, round_index, mask in places]
    for layer, kind in log.histogram_keys():
        records += [encode_histogram(layer, kind, h) for h in log.histograms(layer, kind)]
    return records


def encode_histogram(layer: str, kind: str, h: Histogram) -> Record:
    """One histogram."""
    place = {"layer": layer, "kind": kind, "step": h.step, "round_index": h.round_index}
    counts = {"zeros": h.zeros, "nonfinite": h.nonfinite}
    blob = np.asarray(h.negative, dtype="<i8").tobytes() + np.asarray(h.positive, dtype="<i8").tobytes()
    return Record(HISTOGRAM, {**place, **counts}, blob)


def encode_whole(tensor: WholeTensor) -> Record:
    """A whole tensor, and the classes of its rows (none where unknown)."""
    data = np.ascontiguousarray(tensor.values)
    data = data.astype(data.dtype.newbyteorder("<"), copy=False)
    place = {"layer": tensor.layer, "kind": tensor.kind, "step": tensor.step, "round_index": tensor.round_index}
    form = {"dtype": data.dtype.str, "shape": list(data.shape), "n_labels": len(tensor.labels), "deferred": True}
    return Record(WHOLE, {**place, **form}, data.tobytes() + np.asarray(tensor.labels, dtype="<i8").tobytes())


# -- decoders: each reads all of its record before it changes the run -------------------------------------------------


def apply_facts(run: RunData, record: Record) -> None:
    """Take over the facts."""
    facts = NetFacts.from_dict(record.fields)
    run.drop_stream(NetFacts)
    run.add_stream(NetFacts, facts)


def apply_schema(run: RunData, record: Record) -> None:
    """Number a list of keys."""
    keys = tuple(TensorKey(str(a), str(b), str(c)) for a, b, c in record.fields["keys"])
    run.ensure_stream(Schemas).keys.append(keys)


def apply_tensors(run: RunData, record: Record) -> None:
    """Add the statistics of one step."""
    f = record.fields
    schemas, number = run.ensure_stream(Schemas).keys, int(f["schema"])
    keys = schemas[number] if 0 <= number < len(schemas) else ()
    values = np.frombuffer(blob_of(record).load(), dtype="<f8").astype(np.float64)
    if len(values) != len(keys):
        raise ValueError(f"expected {len(keys)} statistics, got {len(values)}")
    run.ensure_stream(TensorLog).append(int(f["step"]), int(f["round_index"]), keys, values)


def apply_silent(run: RunData, record: Record) -> None:
    """Add the silent units of one step."""
    f = record.fields
    raw, at = np.frombuffer(blob_of(record).load(), dtype=np.uint8), 0
    masks: dict[str, NDArray[np.bool_]] = {}
    for name, n in f["layers"]:
        n_bytes = (int(n) + 7) // 8
        if not 0 <= n_bytes <= len(raw) - at:
            raise ValueError(f"{n} units in {len(raw) - at} bytes")
        masks[str(name)] = np.unpackbits(raw[at : at + n_bytes], count=int(n)).astype(np.bool_)
        at += n_bytes
    for name, mask in masks.items():
        run.ensure_stream(TensorLog).append_silent(
            name, step=int(f["step"]), round_index=int(f["round_index"]), mask=mask
        )


def apply_histogram(run: RunData, record: Record) -> None:
    """Add one histogram."""
    f = record.fields
    counts = np.frombuffer(blob_of(record).load(), dtype="<i8").astype(np.int64).reshape(2, N_BINS)
    place = {"step": int(f["step"]), "round_index": int(f["round_index"])}
    histogram = Histogram(
        **place, negative=counts[0], zeros=int(f["zeros"]), positive=counts[1], nonfinite=int(f["nonfinite"])
    )
    run.ensure_stream(TensorLog).append_histogram(str(f["layer"]), str(f["kind"]), histogram)


def apply_whole(run: RunData, record: Record) -> None:
    """Add a reference to a whole tensor, which stays where it is."""
    f = record.fields
    shape = tuple(int(n) for n in f["shape"])
    ref = TensorRef(
        str(f["layer"]), str(f["kind"]), int(f["step"]), int(f["round_index"]),
        np.dtype(str(f["dtype"])).str, shape, int(f["n_labels"]), blob_of(record),
    )  # fmt: skip
    run.ensure_stream(WholeTensors).append(ref)
