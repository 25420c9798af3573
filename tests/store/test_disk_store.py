"""Paths, permissions, formats, and the cost of big runs."""

from __future__ import annotations

import os
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from treedebug.core.errors import ConfigError, FormatError, RunExistsError, RunNotFoundError, StoreError
from treedebug.core.run.records import Record, TreeBatch
from treedebug.core.run.run_data import Note
from treedebug.store.disk_store import DiskSink, DiskSource, is_run
from treedebug.store.file_format import FILE_HEAD, FILE_NAME, MAGIC, BlobRef, StoredRecord, blob_of, encode_frames
from treedebug.store.load_run import find_runs, load_data
from treedebug.store.recorded_trees import RecordedTrees
from treedebug.store.run_records import encode_note, encode_trees
from treedebug.testing.sample_records import check_sample, no_parse, sample_records

NOTE = encode_note(Note("t", "m"))


def test_path_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "run", tmp_path / "file" / "deep" / "run"):
        with pytest.raises(StoreError, match="cannot record a run at") as caught:
            DiskSink(path)
        assert isinstance(caught.value, OSError)
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_path_that_cannot_be_written() -> None:
    with pytest.raises(StoreError, match="give a path that can be written to"):
        DiskSink("/proc/self/treedebug/run")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="Permission denied"):
        DiskSink(tmp_path / "run")


def test_full_disk_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StoreError, match="No space left"):
            DiskSink(tmp_path / "run")
    DiskSink(tmp_path / "run").close()


def test_only_one_of_many_claims_the_path(tmp_path: Path) -> None:
    won, lost = [], []
    barrier = threading.Barrier(8)

    def claim() -> None:
        barrier.wait()
        try:
            won.append(DiskSink(tmp_path / "run"))
        except RunExistsError:
            lost.append(1)

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    won[0].close()


def test_append_after_close(tmp_path: Path) -> None:
    sink = DiskSink(tmp_path / "run")
    sink.close()
    with pytest.raises(StoreError, match="is closed"):
        sink.append([NOTE])


def test_dropped_sink_lets_go_of_its_file(tmp_path: Path) -> None:
    sink = DiskSink(tmp_path / "run")
    fd = sink.own.fd
    assert fd is not None
    del sink
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_newer_and_foreign_formats(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(MAGIC + (2).to_bytes(4, "little") + b"whatever")
    with pytest.raises(FormatError, match=r"written by a newer treedebug \(format 2, this one reads 1\): upgrade"):
        load_data(tmp_path, no_parse)
    with pytest.raises(FormatError, match="newer treedebug"):
        DiskSink(tmp_path, resume=True)
    for foreign in (b"PK\3\4 zip", b"P", b"TREEDBG\n\0\0\0\0"):
        file.write_bytes(foreign)
        with pytest.raises(FormatError):
            load_data(tmp_path, no_parse)
        with pytest.raises(FormatError):
            DiskSink(tmp_path, resume=True)
        assert file.read_bytes() == foreign


def test_absurd_length_is_not_allocated(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(FILE_HEAD + encode_frames([NOTE]) + b"\xff" * 8 + b"x" * 100)
    assert len(list(DiskSource(tmp_path).records())) == 1


def test_replaced_run_is_noticed(tmp_path: Path) -> None:
    sink = DiskSink(tmp_path)
    sink.append([NOTE] * 10)
    sink.close()
    source = DiskSource(tmp_path)
    _, offset = source.records_from(0)
    (tmp_path / FILE_NAME).unlink()
    with pytest.raises(RunNotFoundError):
        source.records_from(offset)
    DiskSink(tmp_path).close()
    with pytest.raises(FormatError, match="was replaced"):
        source.records_from(offset)


def test_changed_blob_is_noticed(tmp_path: Path) -> None:
    sink = DiskSink(tmp_path)
    sink.append([encode_trees(TreeBatch("xgboost", b"x" * 100, np.arange(1), 0))])
    sink.close()
    (record,) = DiskSource(tmp_path).records()
    assert isinstance(record, StoredRecord)
    assert isinstance(record.ref, BlobRef)
    assert record.blob == b""
    assert record.ref.load() == b"x" * 100
    file = tmp_path / FILE_NAME
    file.write_bytes(file.read_bytes()[:-1] + b"y")
    with pytest.raises(FormatError, match="load it again"):
        record.ref.load()
    file.unlink()
    with pytest.raises(RunNotFoundError, match="is gone"):
        record.ref.load()


def test_run_not_found(tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError, match="no such file or folder"):
        load_data(tmp_path / "nothing", no_parse)
    with pytest.raises(RunNotFoundError, match=FILE_NAME):
        load_data(tmp_path, no_parse)
    for fold in range(2):
        DiskSink(tmp_path / f"fold-{fold}").close()
    with pytest.raises(RunNotFoundError, match=r"fold-0.*fold-1"):
        load_data(tmp_path, no_parse)
    (tmp_path / ".hidden").mkdir()
    DiskSink(tmp_path / ".hidden" / "run").close()
    assert find_runs(tmp_path) == [tmp_path / "fold-0", tmp_path / "fold-1"]
    assert find_runs(tmp_path / "fold-0") == [tmp_path / "fold-0"]
    assert find_runs(tmp_path / "nothing") == []
    assert is_run(tmp_path / "fold-1")


def test_load_from_folder_text_or_file(tmp_path: Path) -> None:
    sink = DiskSink(tmp_path)
    sink.append(sample_records())
    sink.close()
    for place in (tmp_path, str(tmp_path), tmp_path / FILE_NAME, DiskSource(tmp_path)):
        check_sample(load_data(place, no_parse))


def test_follower_in_a_thread(tmp_path: Path) -> None:
    """A reader that polls at full speed sees every record once, in order, while the writer appends."""
    sink = DiskSink(tmp_path)
    source, offset = DiskSource(tmp_path), 0
    seen: list[int] = []

    def write() -> None:
        for i in range(0, 600, 3):
            sink.append([Record("note", {"i": i + k}, b"x" * 2000) for k in range(3)])
        sink.close()

    writer = threading.Thread(target=write)
    writer.start()
    deadline = time.monotonic() + 20
    while len(seen) < 600 and time.monotonic() < deadline:
        new, offset = source.records_from(offset)
        assert len(new) % 3 == 0
        seen += [r.fields["i"] for r in new]
    writer.join()
    assert seen == list(range(600))


def test_ten_thousand_trees_open_quickly(tmp_path: Path) -> None:
    sink = DiskSink(tmp_path)
    raw = np.random.default_rng(0).bytes(6_000)
    for i in range(10_000):
        sink.append([encode_trees(TreeBatch("xgboost", raw, np.array([i]), i))])
    sink.close()
    start = time.process_time()
    run = load_data(tmp_path, no_parse)
    assert time.process_time() - start < 3.0  # about 0.25 s of CPU, which other work does not change by much
    assert isinstance(run.trees, RecordedTrees)
    assert len(run.trees.refs) == 10_000
    assert run.trees.refs[-1].load().raw == raw
    assert blob_of(next(DiskSource(tmp_path).records())).load() == raw


def test_the_reader_in_the_docs(tmp_path: Path) -> None:
    """docs/format.md is enough to read a run: its example does, with the standard library alone."""
    page = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")
    code = textwrap.dedent(page.split("## A reader in 20 lines\n")[1])
    scope: dict[str, Any] = {}
    exec(code, scope)  # our own page
    sink = DiskSink(tmp_path)
    sink.append(sample_records())
    sink.append([NOTE])
    sink.close()
    given = [*sample_records(), NOTE]
    back = list(scope["read"](tmp_path / FILE_NAME))
    assert [(kind, blob) for kind, _, blob in back] == [(r.kind, r.blob) for r in given]
    for size in range(12, 400, 50):
        (tmp_path / "cut").write_bytes((tmp_path / FILE_NAME).read_bytes()[:size])
        assert list(scope["read"](tmp_path / "cut")) == []


@pytest.mark.parametrize("path", [3, None, [Path()]])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ConfigError, match="expected the path of a run, such as"):
        load_data(path, no_parse)
