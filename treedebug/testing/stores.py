"""The conformance suite of stores: subclass it in your tests, and pytest runs it against your store.

    class TestMyStore(StoreConformance):
        def make_sink(self, place, *, resume=False):
            return MySink(place / "run", resume=resume)

        def make_source(self, place):
            return MySource(place / "run")

`place` is an empty folder for each test. A store that keeps its records in one local file, written with `os.write`,
takes `treedebug.testing.file_stores.FileStoreConformance`, which also tears the file, fills the disk, and lets every
call fail in turn.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from treedebug.core.errors import RunExistsError, RunNotFoundError, StoreError
from treedebug.core.run.records import Record, Sink, Source
from treedebug.store import run_records as kinds
from treedebug.store.file_format import BlobRef, StoredRecord, blob_of
from treedebug.store.load_run import load_data
from treedebug.store.record_decoders import KINDS
from treedebug.testing.sample_records import check_sample, no_parse, same_records, sample_records


class FollowedSource(Source, Protocol):
    """A source that a follower can read from where it stopped."""

    def records_from(self, offset: int) -> tuple[list[Record], int]:
        """Return the records after `offset` (0 at first), and the offset for the next call."""


class StoreConformance:
    """What every store must do. Give `make_sink` and `make_source`."""

    keeps_runs = True
    """Whether a second sink on the same place finds the first one's run."""

    def make_sink(self, place: Path, *, resume: bool = False) -> Sink:
        """Return a sink for a run in `place`."""
        raise NotImplementedError

    def make_source(self, place: Path) -> FollowedSource:
        """Return a source of what the latest sink in `place` took."""
        raise NotImplementedError

    def write(self, place: Path, records: list[Record], *, resume: bool = False) -> None:
        """Append all records one by one and close."""
        sink = self.make_sink(place, resume=resume)
        for record in records:
            sink.append([record])
        sink.close()

    def read(self, place: Path) -> list[Record]:
        """Return all records."""
        return list(self.make_source(place).records())

    def test_round_trip_of_every_kind(self, tmp_path: Path) -> None:
        """What comes back is what went in: kinds, fields, blobs, in order."""
        self.write(tmp_path, sample_records())
        back = self.read(tmp_path)
        assert [r.kind for r in back] == [r.kind for r in sample_records()]
        assert {r.kind for r in back} >= KINDS
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
        self.write(tmp_path, [numbered(i) for i in range(300)])
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
            sink.append([numbered(seen + i) for i in range(size)])
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
            sink.append([numbered(0), gone])
        sink.append([numbered(1)])
        sink.close()
        assert [r.fields["round_index"] for r in self.read(tmp_path)] == [1]

    def test_never_overwrites(self, tmp_path: Path) -> None:
        """A second sink on the same place is refused, and the run stays."""
        if not self.keeps_runs:
            return
        self.write(tmp_path, [numbered(0)])
        try:
            self.make_sink(tmp_path)
        except RunExistsError as error:
            assert "resume=True" in str(error)  # pytest is not imported in the package
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

    def test_second_writer(self, tmp_path: Path) -> None:
        """Another process that writes the same run is refused, or the first one notices: nothing is torn or lost."""
        if not (self.keeps_runs and hasattr(os, "fork")):
            return
        sink = self.make_sink(tmp_path)
        sink.append([numbered(0)])
        wrote = in_a_fork(lambda: self.write(tmp_path, [numbered(100)], resume=True))
        taken = [0, 100] if wrote else [0]
        for number in (1, 2):
            try:
                sink.append([numbered(number)])
                taken.append(number)
            except StoreError:
                assert wrote, "only a writer that lost its run may be refused"
        with contextlib.suppress(StoreError):
            sink.close()
        assert numbers_of(self.read(tmp_path)) == taken

    def test_fork(self, tmp_path: Path) -> None:
        """A fork that appends to what it inherited, and closes it, leaves the record to its parent."""
        if not (self.keeps_runs and hasattr(os, "fork")):
            return
        sink = self.make_sink(tmp_path)
        sink.append([numbered(0)])

        def child() -> None:
            with contextlib.suppress(StoreError):
                sink.append([numbered(100)])
            sink.close()

        in_a_fork(child)
        sink.append([numbered(1)])
        sink.close()
        assert numbers_of(self.read(tmp_path)) == [0, 1]

    def test_dead_writer(self, tmp_path: Path) -> None:
        """What a killed writer appended is there, and another one goes on behind it."""
        if not (self.keeps_runs and hasattr(os, "fork")):
            return

        def child() -> None:
            sink = self.make_sink(tmp_path)
            for number in (0, 1):
                sink.append([numbered(number, size=1000)])
            os.kill(os.getpid(), signal.SIGKILL)

        assert not in_a_fork(child)
        assert numbers_of(self.read(tmp_path)) == [0, 1]
        self.write(tmp_path, [numbered(2)], resume=True)
        assert numbers_of(self.read(tmp_path)) == [0, 1, 2]


def in_a_fork(function: Callable[[], Any]) -> bool:
    """Call it in a fork; return whether it came to its end, without an error or a signal."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            function()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1] == 0


def numbered(number: int, size: int = 0) -> Record:
    """Return a record that holds a number, and a blob of some size."""
    return Record("note", {"topic": "n", "message": "x", "round_index": number}, b"\x01" * size)


def numbers_of(records: list[Record]) -> list[int]:
    """Return the numbers that records hold."""
    return [r.fields["round_index"] for r in records]
