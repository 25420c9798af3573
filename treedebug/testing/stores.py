"""The conformance suite of stores: subclass it in your tests, and pytest runs it against your store.

    class TestMyStore(StoreConformance):
        def make_sink(self, place, *, resume=False):
            return MySink(place / "run", resume=resume)

        def make_source(self, place):
            return MySource(place / "run")

`place` is an empty folder for each test. A store that keeps its records in one local file, written with `os.write`,
takes `FileStoreConformance`, which also tears the file and fills the disk.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from unittest import mock

import numpy as np

from treedebug.core.errors import RunExistsError, RunNotFoundError
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


class FileStoreConformance(StoreConformance):
    """For stores that keep a run in one local file, written with `os.write`. Give `record_file` as well."""

    def record_file(self, place: Path) -> Path:
        """Return the file that holds the records."""
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
                    assert error.errno == errno.ENOSPC
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


def _numbered(number: int, size: int = 0) -> Record:
    return Record("note", {"topic": "n", "message": "x", "round_index": number}, b"\x01" * size)


def _numbers(records: list[Record]) -> list[int]:
    return [r.fields["round_index"] for r in records]
