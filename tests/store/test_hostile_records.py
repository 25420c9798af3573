"""Small records that say large things, and damaged ones: bounded work, notes, and never a crash."""

from __future__ import annotations

import json
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest

from tests.store.test_run_records import HEADER, batch, load, rounds
from treedebug.core.errors import FormatError
from treedebug.core.run.records import Record, TreeBatch
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.core.run.tree_table import TreeTable
from treedebug.store.disk_store import DiskSink, DiskSource
from treedebug.store.file_format import FILE_HEAD, FILE_NAME, FRAME_HEAD
from treedebug.store.load_run import load_data


def refuse(_: TreeBatch) -> TreeTable:
    raise FormatError("not a model XGBoost wrote")


def test_a_profile_that_inflates_beyond_measure_is_malformed() -> None:
    packed = zlib.compress(json.dumps(["a" * 200_000_000]).encode(), 9)
    tracemalloc.start()
    run = load(HEADER, Record("data", {"train": "train"}, packed))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * (100 * len(packed) + (1 << 20))
    (note,) = run.notes
    assert note.is_damage
    assert "does not end" in note.message


@pytest.mark.parametrize("error", [IndexError("list"), ZeroDivisionError("0"), MemoryError("1e12")])
def test_whatever_a_decoder_trips_over_is_a_note(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def trip(*_: object) -> None:
        raise error

    monkeypatch.setattr("treedebug.store.load_run.apply", trip)
    (note,) = load(HEADER).notes
    assert type(error).__name__ in note.message


def test_trees_that_cannot_be_read_are_said_once_and_judged_by_no_rule() -> None:
    run = load(HEADER, *rounds(0, 2), batch(0, 2), parse=refuse)
    assert run.damage == ()
    assert run.summary is None
    assert run.summary is None
    assert not run.has_stream(TreeSummary)
    assert [(n.topic, n.is_damage) for n in run.notes] == [("trees", True)]
    assert "not a model XGBoost wrote" in run.damage[0]


def test_trees_of_rounds_that_were_lost_do_not_count() -> None:
    run = load(HEADER, *rounds(0, 2), batch(0, 1), batch(2, 9))
    assert run.summary is not None
    assert run.summary.n_rounds == 3
    assert run.summary.column("round_index").tolist() == [0, 0, 1, 1, 2, 2]
    lost = load(HEADER, batch(0, 3))
    assert lost.summary is not None
    assert lost.at(0).stream(TreeSummary).totals().n_rounds == 0  # type: ignore[union-attr]


def markers(size: int) -> bytes:
    """A damaged frame, and behind it places that each look like a frame of half the rest of the file."""
    n = size // 20
    parts = [FILE_HEAD, FRAME_HEAD.pack(64, 1), b"damaged."]
    parts += [struct.pack("<III", max((n - i) * 10 - 4, 20), 0, 20) + b'{"kind":' for i in range(n)]
    return b"".join(parts)


def test_looking_for_frames_behind_damage_reads_the_file_twice_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(markers(1 << 20))
    seen: list[int] = []
    true = zlib.crc32
    monkeypatch.setattr(zlib, "crc32", lambda data, *start: (seen.append(len(data)), true(data, *start))[1])
    run = load_data(tmp_path, refuse)
    assert "damaged from byte" in run.damage[0]
    assert sum(seen) < 3 * file.stat().st_size


def test_a_whole_frame_behind_damage_is_found_however_far(tmp_path: Path) -> None:
    sink = DiskSink(tmp_path / "run")
    for i in range(30):
        sink.append(rounds(i, i))
    sink.close()
    file = tmp_path / "run" / FILE_NAME
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    notes = [r for r in DiskSource(tmp_path / "run").records() if r.kind == "note"]
    assert [n.fields.get("is_damage") for n in notes] == [True]


def test_totals_exist_after_no_rounds() -> None:
    summary = TreeSummary(3)
    summary.skip_to(1)
    assert summary.until(0).totals().n_splits.tolist() == []
    assert isinstance(summary.until(0).totals().total_gain, np.ndarray)


@pytest.mark.parametrize("label", [5, {"counts": 5}, {"counts": ["x"]}, {"counts": [1, 2], "weighted": {}}])
def test_a_label_that_is_no_summary_is_malformed(label: object) -> None:
    run = load(Record("header", {"library": "xgboost", "data": {"train": {"label": label}}}))
    assert run.header.data == {}
    assert len(run.damage) == 1
    whole = {"kind": "classes", "counts": [5, 5], "weighted": [5.0, 5.0]}
    assert not load(Record("header", {"data": {"train": {"label": whole}, "valid": {"label": None}}})).notes


@pytest.mark.parametrize(("field", "value", "place"), [
    ("versions", {"xgboost": {"3": 0}}, "versions.xgboost"),
    ("host", {"n_cpus": float("nan")}, "host.n_cpus"),
    ("host", {"n_cpus": 10**40}, "host.n_cpus"),
    ("git", {"dirty": "no"}, "git.dirty"),
    ("data", {"train": {"n_rows": "many"}}, "data.train.n_rows"),
    ("data", {"train": {"label": {"quantiles": [1.0, [2.0]]}}}, "data.train.label.quantiles[1]"),
    ("data", {"train": {"queries": {"largest": None}}}, "data.train.queries.largest"),
    ("data", {"train": {"odd_categories": {"a": {"negative": "2"}}}}, "data.train.odd_categories.a.negative"),
    ("data", {"train": {"odd_categories": {"a": {"n_rows": 9}}}}, "data.train.odd_categories.a.negative"),
    ("data", {"train": {"zeros_and_gaps": {"a": {"zeros": 0.5}}}}, "data.train.zeros_and_gaps.a.gaps"),
    ("data", {"train": {"rank_correlations": {"0": []}}}, "data.train.rank_correlations.0"),
    ("stopping", 5, "stopping"),
    ("extra", {"stopping": []}, "stopping"),
    ("extra", {"predicted": {"valid": {"sample": "x"}}}, "predicted.valid.sample"),
    ("extra", {"simpler": [["lr", 0.1]]}, "simpler[0]"),
    ("extra", {"workers": [{"rows": {"train": -1}}]}, "workers[0].rows.train"),
])  # fmt: skip
def test_a_nested_field_of_another_kind_is_malformed(field: str, value: object, place: str) -> None:
    run = load(Record("header", {"library": "xgboost", field: value}))
    (damage,) = run.damage
    assert f"header field {place} holds" in damage
    assert (run.header.library, run.header.extra) == ("", {})


def test_fields_that_a_newer_recorder_adds_are_kept() -> None:
    fields = {"host": {"gpu": ["a"]}, "data": {"train": {"shape": {"kept": 1}}}, "brand_new": {"x": [None]}}
    run = load(Record("header", fields))
    assert not run.notes
    assert run.header.host == {"gpu": ["a"]}
    assert run.header.extra == {"brand_new": {"x": [None]}}


def test_a_sound_field_among_the_extra_ones_hides_none_outside() -> None:
    fields = {"data": {"train": {"n_rows": "many"}}, "extra": {"data": {}}}
    run = load(Record("header", fields))
    assert len(run.damage) == 1
    assert run.header.data == {}
