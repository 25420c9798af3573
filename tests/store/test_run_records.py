"""Kinds of records: what a run becomes of them, rewinds, odd and malformed ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treedebug.core.errors import FormatError
from treedebug.core.findings import Finding, Severity
from treedebug.core.run.records import Record, TreeBatch
from treedebug.core.run.run_data import Header, NoTrees, RunData
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.core.run.tree_table import TreeTable
from treedebug.store import record_decoders
from treedebug.store import run_records as kinds
from treedebug.store.disk_store import DiskSink
from treedebug.store.file_format import HeldBlob
from treedebug.store.load_run import load_data
from treedebug.store.memory_store import MemorySink
from treedebug.store.recorded_trees import BatchRef, RecordedTrees
from treedebug.testing.sample_records import no_parse


def stumps(batch: TreeBatch) -> TreeTable:
    """Two one-split trees per iteration; `raw` holds a byte an iteration, which becomes the split's gain."""
    gains = np.frombuffer(batch.raw, dtype=np.uint8).astype(np.float64)
    assert len(gains) == len(batch.rounds), "a parser gets whole batches"
    n = 2 * len(gains)
    split = np.tile([True, False, False], n)
    return TreeTable(
        library=batch.library,
        offsets=np.arange(n + 1) * 3,
        round_index=np.repeat(batch.rounds, 2),
        tree_index=batch.first_tree + np.arange(n),
        class_index=np.tile([0, 1], len(gains)),
        weight=np.ones(n),
        feature=np.where(split, 0, -1),
        threshold=np.where(split, 0.5, np.nan),
        left=np.where(split, 1, -1),
        right=np.where(split, 2, -1),
        default_left=split,
        missing_type=np.full(3 * n, 2, dtype=np.int8),
        depth=np.where(split, 0, 1),
        split_gain=np.where(split, np.repeat(gains, 6), 0.0),
        sum_hessian=np.ones(3 * n),
        n_rows=np.full(3 * n, -1),
        leaf_value=np.where(split, np.nan, 0.1),
    )


def batch(first: int, last: int) -> Record:
    rounds = np.arange(first, last + 1)
    return kinds.encode_trees(TreeBatch("xgboost", bytes(rounds.astype(np.uint8)), rounds, 2 * first))


def rounds(first: int, last: int, value: float = 0.5) -> list[Record]:
    rows = [kinds.RoundRow(i, 0.1, 0.01, i + 1, {("valid", "auc"): value}) for i in range(first, last + 1)]
    return kinds.encode_rounds(rows)


def load(*records: Record, parse: Callable[[TreeBatch], TreeTable] = stumps) -> RunData:
    sink = MemorySink()
    sink.append(list(records))
    return load_data(sink, parse)


def kept(run: RunData) -> list[int]:
    """Rounds of all trees read back."""
    tables = [run.trees.read(b) for b in run.trees.batches()]
    assert [b.rounds.tolist() for b in run.trees.batches()] == [t.round_index[::2].tolist() for t in tables]
    return [r for t in tables for r in t.round_index[::2].tolist()]


HEADER = kinds.encode_header(Header(library="xgboost", n_features=1))


def test_rewind_cuts_everything() -> None:
    finding = Finding(code="X001", name="x", severity=Severity.INFO, message="m")
    run = load(
        HEADER, *rounds(0, 9), batch(0, 3), batch(4, 9), kinds.encode_weights(4, np.ones(10)),
        kinds.encode_revision(8, "lightgbm", b"..."), kinds.encode_finding(finding, event=kinds.OPENED, n_rounds=10),
        kinds.encode_end(state="finished", best_round=None, reason="", n_rounds=10),
        kinds.encode_rewind(6), *rounds(6, 7, 0.9), batch(6, 7),
    )  # fmt: skip
    assert (run.n_rounds, run.ended, run.findings) == (8, False, [])
    assert run.evals.series("valid", "auc").values.tolist() == [0.5] * 6 + [0.9] * 2
    assert kept(run) == list(range(8))
    assert isinstance(run.trees, RecordedTrees)
    assert run.trees.rounds.tolist() == list(range(8))
    assert run.trees.snapshot_rounds == [4]
    assert run.trees.revision_at(8) is None
    assert not run.notes
    summary = run.summary
    assert summary is not None
    assert summary.column("round_index").tolist() == [r for r in range(8) for _ in range(2)]
    assert summary.column("total_gain").tolist() == [r for r in range(8) for _ in range(2)]


@given(st.lists(st.one_of(st.integers(1, 5), st.integers(0, 30).map(lambda n: -n)), max_size=12))
@settings(max_examples=100, deadline=None)
def test_any_rewinds_equal_the_plain_history(steps: list[int]) -> None:
    """Against a slow twin: positive steps record rounds, negative ones rewind to round -n."""
    log, n = [HEADER, batch(0, -1)], 0
    expected: list[int] = []
    for step in steps:
        if step > 0:
            log += [*rounds(n, n + step - 1), batch(n, n + step - 1)]
            expected += range(n, n + step)
        elif -step <= n:
            log.append(kinds.encode_rewind(-step))
            expected = [r for r in expected if r < -step]
        n = len(expected)
    run = load(*log)
    assert (run.n_rounds, kept(run), run.notes) == (n, expected, [])


def test_summary_does_not_count_lost_trees() -> None:
    killed = load(HEADER, *rounds(0, 9), batch(0, 3))
    assert killed.summary is not None
    assert killed.summary.n_rounds == 4
    end = kinds.encode_end(state="finished", best_round=None, reason="", n_rounds=10)
    ended = load(HEADER, *rounds(0, 9), batch(0, 3), end)
    assert ended.summary is not None
    assert ended.summary.n_rounds == 10
    empty = load(HEADER, *rounds(0, 9), kinds.encode_trees(TreeBatch("xgboost", b"", np.zeros(0, int), 0), covers=10))
    assert empty.summary is not None
    assert (empty.summary.n_rounds, kept(empty)) == (10, [])
    without = load(HEADER, *rounds(0, 9))
    assert isinstance(without.trees, NoTrees)
    assert not without.has_stream(TreeSummary)


def test_batches_with_gaps() -> None:
    gap = TreeBatch("lightgbm", b"\1\2", np.array([3, 7]), 0)
    assert kept(load(HEADER, kinds.encode_trees(gap), *rounds(0, 8))) == [3, 7]
    assert kept(load(HEADER, kinds.encode_trees(gap), kinds.encode_rewind(5))) == [3]


def test_snapshots() -> None:
    run = load(batch(0, 4), kinds.encode_weights(4, np.zeros(0)), kinds.encode_revision(2, "lightgbm", b"all"))
    assert isinstance(run.trees, RecordedTrees)
    assert run.trees.snapshot_rounds == [2, 4]
    assert run.trees.weights_at(3) is None
    weights = run.trees.weights_at(4)
    assert weights is not None
    assert len(weights) == 0
    revision = run.trees.revision_at(2)
    assert revision is not None
    assert (revision.raw, revision.rounds.tolist()) == (b"all", [0, 1, 2])


def test_live_trees_need_no_store() -> None:
    trees = RecordedTrees(stumps)
    trees.add(BatchRef("xgboost", np.arange(2), np.arange(2), 0, HeldBlob(b"ab")))
    assert [trees.read(b).n_trees for b in trees.batches()] == [4]
    with pytest.raises(ValueError, match="in order of rounds"):
        trees.add(BatchRef("xgboost", np.arange(1, 3), np.arange(1, 3), 2, HeldBlob(b"ab")))


def test_rounds_split_where_columns_change() -> None:
    rows = [
        kinds.RoundRow(0, 0.1, 0.0, 1, {("v", "a"): 1.0}),
        kinds.RoundRow(1, 0.1, 0.0, 2),
        kinds.RoundRow(3, 0.1, 0.0, 3),
    ]
    log = kinds.encode_rounds(rows, directions={"a": True})
    assert [(r.fields["start"], r.fields["n"]) for r in log] == [(0, 1), (1, 1), (3, 1)]
    assert kinds.encode_rounds([]) == []
    run = load(*log)
    assert run.rounds.rounds.tolist() == [0, 1, 3]
    assert run.evals.higher_is_better("a") is True


def test_findings_open_and_close() -> None:
    one = Finding(code="X001", name="x", severity=Severity.INFO, message="m", subject="a")
    other = Finding(code="X001", name="x", severity=Severity.INFO, message="m", subject="b", detected_at=5)
    log = [kinds.encode_finding(f, event=kinds.OPENED, n_rounds=10) for f in (one, other)]
    assert [(f.subject, f.detected_at) for f in load(*log).findings] == [("a", 10), ("b", 5)]
    assert [f.subject for f in load(*log, kinds.encode_finding(one, event=kinds.CLOSED, n_rounds=20)).findings] == ["b"]


def test_header_updates() -> None:
    run = load(kinds.encode_header(Header(run_id="a", params={"x": 1})), kinds.encode_header({"library": "lightgbm"}))
    assert (run.header.run_id, run.header.library, run.header.params) == ("a", "lightgbm", {"x": 1})


@pytest.mark.parametrize(
    "record",
    [
        Record("rounds", {}),
        Record("rounds", {"start": 0, "n": 3, "columns": []}, b"123"),
        Record("rounds", {"start": 0, "n": 10**30, "columns": [["a", "b"]]}),
        Record("rounds", {"start": 0, "n": 1, "columns": [], "training": 3}, bytes(24)),
        Record("trees", {"library": "x", "rounds": [0, 10**18], "first_tree": 0}),
        Record("trees", {"library": "x", "rounds": 5, "first_tree": 0}),
        Record("trees", {"library": "x", "round_list": [5, 3], "first_tree": 0}),
        Record("trees", {"library": "x", "round_list": [10**30], "first_tree": 0}),
        Record("trees", {"library": "x", "round_list": {"a": 1}, "first_tree": 0}),
        Record("classes", {"round_index": 0, "dataset": "v", "n_classes": 10**9}, bytes(8)),
        Record("classes", {"round_index": 0, "dataset": "v", "n_classes": -2}, bytes(8)),
        Record("margin_labels", {"dataset": "v"}, b"123"),
        Record("margin_labels", {}, bytes(8)),
        Record("margins", {"round_index": 0, "dataset": "v", "n_rows": 2, "columns": ["margin"]}, bytes(8)),
        Record("margins", {"round_index": 0, "dataset": "v", "n_rows": 2, "columns": []}, bytes(8)),
        Record("margins", {"round_index": 0, "dataset": "v", "n_rows": 2, "columns": ["lead"]}, bytes(8)),
        Record("weights", {"round_index": None}),
        Record("weights", {"round_index": 1}, b"123"),
        Record("revision", {}),
        Record("finding", {"code": 3}),
        Record("note", {}),
        Record("rewind", {"n_rounds": "x"}),
        Record("end", {}),
    ],
)
def test_malformed_records_become_notes(record: Record) -> None:
    run = load(record, *rounds(0, 2))
    assert run.n_rounds == 3
    assert run.findings == []
    (note,) = run.notes
    assert record.kind in note.message


def test_rounds_again_without_a_rewind() -> None:
    run = load(*rounds(0, 4), *rounds(3, 6))
    assert run.n_rounds == 5
    assert "without a rewind" in run.notes[0].message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["start", "n", "columns", "rounds", "round_list", "library", "first_tree", "n_classes", "round_index", "n_rounds"]
)


@given(st.sampled_from(sorted(record_decoders.KINDS)), st.dictionaries(NAMES, JSON, max_size=6), st.binary(max_size=32))
@settings(max_examples=300, deadline=None)
def test_no_record_breaks_the_loading(kind: str, fields: dict[str, Any], blob: bytes) -> None:
    load(Record(kind, fields, blob), *rounds(0, 2))


def test_disk_and_memory_give_the_same_run(tmp_path: Path) -> None:
    log = [HEADER, *rounds(0, 9), batch(0, 9), kinds.encode_rewind(5), *rounds(5, 6), batch(5, 6)]
    sink = DiskSink(tmp_path / "run")
    sink.append(log)
    sink.close()
    disk, memory = load_data(tmp_path / "run", stumps), load(*log)
    assert kept(disk) == kept(memory) == list(range(7))
    assert disk.summary is not None
    assert memory.summary is not None
    np.testing.assert_array_equal(disk.summary.totals().total_gain, memory.summary.totals().total_gain)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"n_features": 10**8}, "n_features"),
        ({"n_features": "3"}, "n_features"),
        ({"n_features": True}, "n_features"),
        ({"start_round": -1}, "start_round"),
        ({"params": []}, "params"),
        ({"feature_names": ["a", 3]}, "feature_names"),
        ({"feature_names": "abc"}, "feature_names"),
        ({"data": {"train": 3}}, "data"),
        ({"slow_rounds": 1}, "slow_rounds"),
    ],
)
def test_a_header_of_another_kind_is_refused_whole(fields, said):
    run = RunData()
    with pytest.raises(ValueError, match=said):
        record_decoders.apply(run, Record("header", {"library": "xgboost", **fields}))
    assert run.header == Header()


@pytest.mark.parametrize("library", ["payload", "os", "treedebug", "xgboost.core", 3, None])
def test_no_other_library_is_taken_from_a_file(library):
    with pytest.raises(FormatError, match="expected a run of"):
        record_decoders.apply(RunData(), Record("header", {"library": library}))
    for kind in ("trees", "revision"):
        record = Record(kind, {"library": library, "rounds": [0, 0], "round_index": 0, "first_tree": 0}, b"x")
        with pytest.raises(FormatError, match="expected trees of"):
            record_decoders.apply(RunData(trees=RecordedTrees(no_parse)), record)


def test_rounds_far_beyond_what_is_recorded_are_refused():
    block = {"start": 10**8, "n": 1, "columns": [], "directions": {}, "training": []}
    run = RunData()
    with pytest.raises(ValueError, match="after 0 recorded rounds"):
        record_decoders.apply(run, Record("rounds", block, np.zeros(3).tobytes()))
    assert run.n_rounds == 0


def test_a_batch_has_no_more_rounds_than_bytes():
    fields = {"library": "xgboost", "rounds": [0, 1 << 22], "first_tree": 0}
    with pytest.raises(ValueError, match="rounds in 100 bytes"):
        record_decoders.apply(RunData(trees=RecordedTrees(no_parse)), Record("trees", fields, bytes(100)))
