"""The conformance suite of stores: subclass it in your tests, and pytest runs it against your store.

    class TestMyStore(StoreConformance):
        def make_sink(self, place, *, resume=False):
            return MySink(place / "run", resume=resume)

        def make_source(self, place):
            return MySource(place / "run")

`place` is an empty folder for each test. A store that keeps its records in one local file, written with `os.write`,
takes `FileStoreConformance`, which also tears the file and fills the disk.
"""

# ruff: noqa: S101 - asserts are what a suite is made of

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from unittest import mock

import numpy as np

from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.errors import RunExistsError, RunNotFoundError
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.eval_log import EvalLog, Usage
from treedebug.core.run.margin_log import MarginLog, MarginRecord
from treedebug.core.run.records import Record, Sink, Source, TreeBatch
from treedebug.core.run.run_data import Header, Note, RunData
from treedebug.core.run.tree_table import TreeTable
from treedebug.store import run_records as kinds
from treedebug.store.file_format import BlobRef, StoredRecord, blob_of
from treedebug.store.load_run import load_data
from treedebug.store.margin_records import encode_margin_labels, encode_margins
from treedebug.store.recorded_trees import RecordedTrees


class FollowedSource(Source, Protocol):
    """A source that a follower can read from where it stopped."""

    def records_from(self, offset: int) -> tuple[list[Record], int]:
        """The records after `offset` (0 at first), and the offset for the next call."""


def sample_records() -> list[Record]:
    """One or more records of every kind, with awkward values: NaN, infinities, numpy scalars, text of all kinds."""
    finding = Finding(
        code="CV102",
        name="overtraining",
        severity=Severity.WARNING,
        message="validation fell - zu spät 🌲 \ud800",
        rounds=(3, 7),
        subject="valid",
        evidence={"regret": float("nan"), "best": np.float32(0.5), "n": np.int64(3), "top": float("-inf")},
        try_next=(Change("max_depth", 6, "shallower"),),
        detected_at=5,
    )
    rows = [
        kinds.RoundRow(i, 0.3, 0.01, i + 1, {("valid", "auc"): 0.5 + i / 100, ("train", "auc"): float("nan")})
        for i in range(5)
    ] + [kinds.RoundRow(5, float("nan"), 0.02, 6, {("valid", "auc"): float("inf")}, Usage(0.5, 2e9))]
    confusion = np.array([[5, 1], [2, 4]])
    return [
        kinds.encode_header(Header(run_id="r1", library="xgboost", params={"max_depth": 6, "odd": {1: float("nan")}})),
        *kinds.encode_rounds(rows, directions={"auc": True}, training=["train"]),
        kinds.encode_trees(TreeBatch("xgboost", bytes(range(256)) * 8, np.arange(4), 0)),
        kinds.encode_trees(TreeBatch("xgboost", b"\0" * 64, np.array([4, 5]), 8), covers=6),
        kinds.encode_classes(ClassRecord(2, "valid", confusion, np.array([6.5, 6.0]), np.array([0.5, np.nan]))),
        encode_margin_labels("valid", np.array([1, 0], dtype=np.float32)),
        encode_margins(MarginRecord(4, "valid", 7, np.array([0.5, np.nan], dtype=np.float32))),
        kinds.encode_weights(5, np.array([1.0, 0.5, np.nan])),
        kinds.encode_revision(5, "lightgbm", b"tree\nversion=v4\n"),
        kinds.encode_data(DataSets(DataProfile(name="train", n_rows=3))),
        kinds.encode_finding(finding, event=kinds.OPENED, n_rounds=5),
        kinds.encode_note(Note("evals", "no validation set", 3)),
        kinds.encode_header({"n_features": 7, "brand_new": [1, 2]}),
        Record("from_the_future", {"x": 1}, b"whatever"),
        kinds.encode_rewind(6),
        kinds.encode_end(state="stopped", best_round=3, reason="enough", n_rounds=6),
    ]


def same_records(one: list[Record], other: list[Record]) -> bool:
    """Whether two logs hold the same, blobs fetched and NaN equal to NaN."""
    return [_plain(r) for r in one] == [_plain(r) for r in other]


def _plain(record: Record) -> tuple[str, str, bytes]:
    return record.kind, repr(sorted(record.fields.items())), blob_of(record).load()


def no_parse(batch: TreeBatch) -> TreeTable:
    """A parser for runs whose trees are not looked at."""
    raise AssertionError(f"{batch!r} was not to be parsed")


class StoreConformance:
    """What every store must do. Give `make_sink` and `make_source`."""

    keeps_runs = True
    """Whether a second sink on the same place finds the first one's run."""

    def make_sink(self, place: Path, *, resume: bool = False) -> Sink:
        """A sink for a run in `place`."""
        raise NotImplementedError

    def make_source(self, place: Path) -> FollowedSource:
        """A source of what the latest sink in `place` took."""
        raise NotImplementedError

    def write(self, place: Path, records: list[Record], *, resume: bool = False) -> None:
        """Append all records one by one and close."""
        sink = self.make_sink(place, resume=resume)
        for record in records:
            sink.append([record])
        sink.close()

    def read(self, place: Path) -> list[Record]:
        """All records."""
        return list(self.make_source(place).records())

    def test_round_trip_of_every_kind(self, tmp_path: Path) -> None:
        """What comes back is what went in: kinds, fields, blobs, in order."""
        self.write(tmp_path, sample_records())
        back = self.read(tmp_path)
        assert [r.kind for r in back] == [r.kind for r in sample_records()]
        assert {r.kind for r in back} >= kinds.KINDS
        for stored, given in zip(back, sample_records(), strict=True):
            assert blob_of(stored).load() == given.blob
        again = tmp_path / "again"
        again.mkdir()
        self.write(again, back)  # also takes records that came from a store
        assert same_records(self.read(again), back)

    def test_one_append_or_many(self, tmp_path: Path) -> None:
        """How records are grouped into appends does not show."""
        one, many = tmp_path / "one", tmp_path / "many"
        one.mkdir()
        many.mkdir()
        self.write(many, sample_records())
        sink = self.make_sink(one)
        sink.append(sample_records())
        sink.append([])
        sink.close()
        assert same_records(self.read(one), self.read(many))

    def test_fields_survive(self, tmp_path: Path) -> None:
        """NaN, infinities, numpy scalars, unusual text, nested data and odd keys."""
        self.write(tmp_path, sample_records())
        run = load_data(self.make_source(tmp_path), no_parse)
        (finding,) = run.findings
        assert finding.message.endswith("🌲 \ud800")
        assert np.isnan(finding.evidence["regret"])
        assert finding.evidence["top"] == float("-inf")
        assert (finding.evidence["best"], finding.evidence["n"]) == (0.5, 3)
        assert np.isnan(run.header.params["odd"]["1"])

    def test_becomes_the_run(self, tmp_path: Path) -> None:
        """The records fold into the run they describe."""
        self.write(tmp_path, sample_records())
        check_sample(load_data(self.make_source(tmp_path), no_parse))

    def test_order_of_many(self, tmp_path: Path) -> None:
        """Hundreds of appends come back in order."""
        self.write(tmp_path, [_numbered(i) for i in range(300)])
        assert [r.fields["round_index"] for r in self.read(tmp_path)] == list(range(300))

    def test_large_blob(self, tmp_path: Path) -> None:
        """A blob of 20 MB, and an empty one."""
        large = np.random.default_rng(0).bytes(20_000_000)
        self.write(tmp_path, [kinds.encode_revision(0, "lightgbm", raw) for raw in (large, b"")])
        assert [blob_of(r).load() for r in self.read(tmp_path)] == [large, b""]

    def test_reader_while_writing(self, tmp_path: Path) -> None:
        """A follower sees each append once it is made, and nothing twice."""
        sink = self.make_sink(tmp_path)
        source, offset, seen = self.make_source(tmp_path), 0, 0
        assert source.records_from(offset)[0] == []
        for size in (1, 3, 2):
            sink.append([_numbered(seen + i) for i in range(size)])
            new, offset = source.records_from(offset)
            assert [r.fields["round_index"] for r in new] == list(range(seen, seen + size))
            seen += size
            assert source.records_from(offset) == ([], offset)
            assert len(list(source.records())) == seen
        sink.close()

    def test_closing_twice(self, tmp_path: Path) -> None:
        """close() may come twice, also on a run without records."""
        sink = self.make_sink(tmp_path)
        sink.close()
        sink.close()
        assert self.read(tmp_path) == []

    def test_bad_record_leaves_nothing(self, tmp_path: Path) -> None:
        """An append with a record that cannot be encoded adds none of its records."""
        gone = StoredRecord("revision", {"round_index": 0}, ref=BlobRef(tmp_path / "gone", 0, 8, 0, 0))
        sink = self.make_sink(tmp_path)
        with contextlib.suppress(RunNotFoundError):
            sink.append([_numbered(0), gone])
        sink.append([_numbered(1)])
        sink.close()
        assert [r.fields["round_index"] for r in self.read(tmp_path)] == [1]

    def test_never_overwrites(self, tmp_path: Path) -> None:
        """A second sink on the same place is refused, and the run stays."""
        if not self.keeps_runs:
            return
        self.write(tmp_path, [_numbered(0)])
        try:
            self.make_sink(tmp_path)
        except RunExistsError as error:
            assert "resume=True" in str(error)  # noqa: PT017 - pytest is not imported in the package
        else:
            raise AssertionError("a second sink must raise RunExistsError")
        assert len(self.read(tmp_path)) == 1

    def test_resume(self, tmp_path: Path) -> None:
        """A resumed run goes on after the end record; resuming where there is none starts one."""
        if not self.keeps_runs:
            return
        self.write(tmp_path, sample_records(), resume=True)
        assert load_data(self.make_source(tmp_path), no_parse).ended
        row = kinds.RoundRow(6, 0.3, 0.1, 7, {("valid", "auc"): 0.9})
        self.write(tmp_path, kinds.encode_rounds([row]), resume=True)
        run = load_data(self.make_source(tmp_path), no_parse)
        assert (run.n_rounds, run.ended) == (7, False)


class FileStoreConformance(StoreConformance):
    """For stores that keep a run in one local file, written with `os.write`. Give `record_file` as well."""

    def record_file(self, place: Path) -> Path:
        """The file that holds the records."""
        raise NotImplementedError

    def test_torn_tail(self, tmp_path: Path) -> None:
        """A file cut anywhere in its last append opens without that append, and can be resumed."""
        self.write(tmp_path, [_numbered(0)])
        file = self.record_file(tmp_path)
        whole = file.stat().st_size
        self.write(tmp_path, [_numbered(1, size=300)], resume=True)
        full = file.read_bytes()
        for size in range(whole, len(full), 37):
            file.write_bytes(full[:size])
            assert _numbers(self.read(tmp_path)) == [0]
            self.write(tmp_path, [_numbered(2)], resume=True)
            assert _numbers(self.read(tmp_path)) == [0, 2]

    def test_zero_tail(self, tmp_path: Path) -> None:
        """Zeros at the end are bytes that have not arrived: a reader waits, and reads on when they are there."""
        self.write(tmp_path, [_numbered(0)])
        file = self.record_file(tmp_path)
        whole = file.stat().st_size
        self.write(tmp_path, [_numbered(1), _numbered(2)], resume=True)
        full = file.read_bytes()
        file.write_bytes(full[:whole] + bytes(len(full) - whole))
        source = self.make_source(tmp_path)
        new, offset = source.records_from(0)
        assert (_numbers(new), source.records_from(offset)) == ([0], ([], offset))
        assert _numbers(list(source.records())) == [0]
        file.write_bytes(full)
        assert _numbers(source.records_from(offset)[0]) == [1, 2]

    def test_full_disk(self, tmp_path: Path) -> None:
        """A failed append leaves nothing behind, for any reader at any time; a later one succeeds."""
        sink = self.make_sink(tmp_path)
        sink.append([_numbered(0)])
        source = self.make_source(tmp_path)
        _, offset = source.records_from(0)
        for room in (0, 5, 200, 1500):
            with full_disk(room) as written:
                try:
                    sink.append([_numbered(7, size=1000), _numbered(8, size=1000)])
                except OSError as error:
                    assert error.errno == errno.ENOSPC  # noqa: PT017
                else:
                    raise AssertionError("append must pass the OSError on")
            assert sum(written) == room
            assert source.records_from(offset) == ([], offset)
        sink.append([_numbered(1)])
        sink.close()
        assert _numbers(self.read(tmp_path)) == [0, 1]
        assert _numbers(source.records_from(offset)[0]) == [1]


@contextlib.contextmanager
def full_disk(room: int) -> Iterator[list[int]]:
    """Let `os.write` write `room` more bytes, then fail as on a full disk; gives the sizes written."""
    written: list[int] = []
    write = os.write

    def short_write(fd: int, data: bytes) -> int:
        left = room - sum(written)
        if left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(write(fd, data[: max(left // 2, 1)]))
        return written[-1]

    with mock.patch("os.write", short_write):
        yield written


def check_sample(run: RunData) -> None:
    """Assert that a run is the one `sample_records` describes."""
    assert (run.header.run_id, run.header.n_features, run.header.extra["brand_new"]) == ("r1", 7, [1, 2])
    assert run.evals.keys() == [("valid", "auc"), ("train", "auc")]
    assert run.evals.is_training("train")
    series = run.evals.series("valid", "auc")
    np.testing.assert_array_equal(series.rounds, np.arange(6))
    np.testing.assert_array_equal(series.values, [0.5, 0.51, 0.52, 0.53, 0.54, np.inf])
    assert len(run.evals.series("train", "auc").values) == 5  # noqa: PLR2004
    np.testing.assert_array_equal(run.rounds.learning_rate, [0.3] * 5 + [np.nan])
    np.testing.assert_array_equal(run.rounds.iterations, np.arange(1, 7))
    sets = run.stream(DataSets)
    assert sets is not None
    assert (sets.train.name, sets.train.n_rows) == ("train", 3)
    (classes,) = run.classes
    assert classes.confusion.tolist() == [[5, 1], [2, 4]]
    np.testing.assert_array_equal(classes.mean_probability, [0.5, np.nan])
    (margins,) = run.ensure_stream(MarginLog)
    assert (margins.round_index, margins.dataset, margins.n_rows, margins.lead) == (4, "valid", 7, None)
    np.testing.assert_array_equal(margins.margin, [0.5, np.nan])
    assert run.ensure_stream(MarginLog).labels["valid"].tolist() == [1, 0]
    assert isinstance(run.trees, RecordedTrees)
    assert [b.rounds.tolist() for b in run.trees.batches()] == [[0, 1, 2, 3], [4, 5]]
    assert run.trees.snapshot_rounds == [5]
    np.testing.assert_array_equal(run.trees.weights_at(5), [1.0, 0.5, np.nan])
    assert run.notes[0] == Note("evals", "no validation set", 3)
    assert any("from_the_future" in note.message for note in run.notes)
    assert run.ending == {"state": "stopped", "best_round": 3, "reason": "enough", "n_rounds": 6}
    assert isinstance(run.evals, EvalLog)


def _numbered(number: int, size: int = 0) -> Record:
    return Record("note", {"topic": "n", "message": "x", "round_index": number}, b"\x01" * size)


def _numbers(records: list[Record]) -> list[int]:
    return [r.fields["round_index"] for r in records]
