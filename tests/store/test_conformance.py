"""Both stores pass the public conformance suite."""

from __future__ import annotations

import pickle
from pathlib import Path

from treedebug.store.disk_store import DiskSink, DiskSource
from treedebug.store.memory_store import MemorySink
from treedebug.testing.file_stores import FileStoreConformance
from treedebug.testing.sample_records import same_records, sample_records
from treedebug.testing.stores import StoreConformance


class TestDisk(FileStoreConformance):
    def make_sink(self, place: Path, *, resume: bool = False) -> DiskSink:
        return DiskSink(place / "deep" / "run", resume=resume)

    def make_source(self, place: Path) -> DiskSource:
        return DiskSource(place / "deep" / "run")

    def record_file(self, place: Path) -> Path:
        return place / "deep" / "run" / "records.treedebug"


class TestMemory(StoreConformance):
    keeps_runs = False

    def setup_method(self) -> None:
        self.sinks: dict[Path, MemorySink] = {}

    def make_sink(self, place: Path, *, resume: bool = False) -> MemorySink:
        return self.sinks.setdefault(place, MemorySink())

    def make_source(self, place: Path) -> MemorySink:
        return self.sinks[place]

    def test_pickle(self) -> None:
        sink = MemorySink()
        sink.append(sample_records())
        copy = pickle.loads(pickle.dumps(sink))  # noqa: S301 - our own
        assert same_records(list(copy.records()), list(sink.records()))
