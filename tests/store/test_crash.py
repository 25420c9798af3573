"""Killed writers, cut files, flipped bits, full disks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treedebug.core.errors import FormatError
from treedebug.core.run.records import Record
from treedebug.store.disk_store import DiskSink, DiskSource
from treedebug.store.file_format import FILE_HEAD, FILE_NAME, encode_frames
from treedebug.store.load_run import load_data
from treedebug.testing.sample_records import no_parse, same_records, sample_records

WRITER = """
import sys
from treedebug.core.run.records import Record
from treedebug.store.disk_store import DiskSink
sink = DiskSink(sys.argv[1])
i = 0
while True:
    sink.append([Record("note", {"topic": "", "message": "", "round_index": i + k}, b"x" * 3000) for k in range(3)])
    i += 3
"""
LIMITED = """
import resource, signal, sys
from treedebug.core.run.records import Record
from treedebug.store.disk_store import DiskSink
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
sink = DiskSink(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
notes = lambda i: [Record("note", {"topic": "", "message": "", "round_index": i + k}, b"x" * 900) for k in range(3)]
failed = 0
for i in range(0, 15, 3):
    try:
        sink.append(notes(i))
    except OSError:
        failed += 1
assert failed == 2, failed
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
sink.append(notes(100))
sink.close()
"""


def numbers(path: Path) -> list[int]:
    return [r.fields["round_index"] for r in DiskSource(path).records()]


def frames() -> list[bytes]:
    return [encode_frames([r]) for r in sample_records()]


def write(path: Path, data: bytes) -> Path:
    path.mkdir(exist_ok=True)
    (path / FILE_NAME).write_bytes(data)
    return path


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_kill_9_then_resume(tmp_path: Path) -> None:
    rng = np.random.default_rng()
    for attempt in range(3):
        path = tmp_path / str(attempt)
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
        source, offset = DiskSource(path), 0
        seen: list[int] = []
        deadline = time.monotonic() + 20
        while len(seen) < 30 * (attempt + 1) and time.monotonic() < deadline:
            time.sleep(float(rng.uniform(0.001, 0.01)))
            if (path / FILE_NAME).exists():
                new, offset = source.records_from(offset)
                seen += [r.fields["round_index"] for r in new]
        process.kill()
        process.wait()
        whole = numbers(path)
        assert len(whole) % 3 == 0
        assert whole == list(range(len(whole)))
        assert seen == whole[: len(seen)]
        assert seen
        with (path / FILE_NAME).open("ab") as file:  # as if the kill had come in the middle of a write
            file.write(encode_frames([Record("note", {"a": 1}, b"y" * 50)])[:-20])
        sink = DiskSink(path, resume=True)
        sink.append([Record("note", {"topic": "", "message": "", "round_index": -1})])
        sink.close()
        assert numbers(path) == [*whole, -1]
        assert load_data(path, no_parse).notes[-1].round_index == -1


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_full_disk_in_a_process(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path / "run")], check=True)
    assert numbers(tmp_path / "run") == [*range(9), 100, 101, 102]


def test_cut_at_every_byte(tmp_path: Path) -> None:
    data = FILE_HEAD + b"".join(frames())
    ends = np.cumsum([len(FILE_HEAD)] + [len(f) for f in frames()])
    whole = sample_records()
    for size in range(len(data) + 1):
        path = write(tmp_path, data[:size])
        n = max(int(np.searchsorted(ends, size, side="right")) - 1, 0)
        source = DiskSource(path)
        back = list(source.records())
        assert [r.kind for r in back] == [r.kind for r in whole[:n]]
        new, offset = source.records_from(0)
        assert len(new) == n
        assert offset == (0 if size < len(FILE_HEAD) else ends[n])
        load_data(path, no_parse)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=3), st.booleans())
@settings(max_examples=150, deadline=None)
def test_flipped_bytes(flips: list[tuple[int, int]], is_grouped: bool) -> None:
    parts = [encode_frames(sample_records())] if is_grouped else frames()
    data = bytearray(FILE_HEAD + b"".join(parts))
    for position, bits in flips:
        data[position % len(data)] ^= bits
    ends = np.cumsum([len(FILE_HEAD)] + [len(f) for f in frames()])
    original = FILE_HEAD + b"".join(parts)
    first = next((i for i, (a, b) in enumerate(zip(data, original, strict=True)) if a != b), len(data))
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), bytes(data))
        try:
            back = list(DiskSource(path).records())
            load_data(path, no_parse)
        except FormatError:
            assert first < len(FILE_HEAD)
            return
        assert first >= len(FILE_HEAD)
        if not is_grouped:
            n = int(np.searchsorted(ends, first, side="right")) - 1
            plain = write(Path(folder) / "plain", FILE_HEAD + b"".join(parts[:n]))
            assert same_records(back[:n], list(DiskSource(plain).records()))
            if n < len(frames()) - 1:  # not in the last frame, which may pass for a torn one
                assert f"damaged from byte {ends[n]} on" in back[-1].fields["message"]
                assert len(back) == n + 1


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_noise_behind_the_head(noise: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), FILE_HEAD + frames()[0] + noise)
        assert next(DiskSource(path).records()).kind == "header"
        load_data(path, no_parse)


def test_damage_in_the_middle_of_an_append(tmp_path: Path) -> None:
    data = bytearray(FILE_HEAD + encode_frames(sample_records()))
    first = len(encode_frames([sample_records()[0]])) + len(',"more":true')
    data[len(FILE_HEAD) + first + 20] ^= 1
    run = load_data(write(tmp_path, bytes(data)), no_parse)
    assert run.header.run_id == "r1"
    assert f"damaged from byte {len(FILE_HEAD) + first} on" in run.notes[-1].message


def test_resume_puts_damage_aside(tmp_path: Path) -> None:
    parts = frames()
    data = bytearray(FILE_HEAD + b"".join(parts))
    at = len(FILE_HEAD) + len(parts[0])
    data[at + 30] ^= 1
    path = write(tmp_path, bytes(data))
    sink = DiskSink(path, resume=True)
    sink.append([Record("note", {"topic": "t", "message": "on we go"})])
    sink.close()
    run = load_data(path, no_parse)
    assert [n.topic for n in run.notes] == ["store", "t"]
    assert (path / f"{FILE_NAME}.damaged-at-{at}").read_bytes() == bytes(data[at:])


def test_zeroed_head_is_not_thrown_away(tmp_path: Path) -> None:
    data = bytes(len(FILE_HEAD)) + b"".join(frames())
    path = write(tmp_path, data)
    assert "damaged from byte 0 on" in load_data(path, no_parse).notes[-1].message
    DiskSink(path, resume=True).close()
    assert (path / f"{FILE_NAME}.damaged-at-0").read_bytes() == data
    assert len(load_data(path, no_parse).notes) == 1


def test_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = DiskSink(tmp_path)
    real = os.write

    def interrupted(fd: int, data: bytes) -> int:
        real(fd, data[:10])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", interrupted)
        patch.setattr(os, "ftruncate", lambda *_: (_ for _ in ()).throw(OSError("no")))
        with pytest.raises(KeyboardInterrupt):
            sink.append([Record("note", {"round_index": 1})])
    sink.append([Record("note", {"round_index": 2})])
    sink.close()
    assert numbers(tmp_path) == [2]
