"""One writer a file: before each append the file must be as its writer left it, or it goes on elsewhere."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from treedebug.core.errors import StoreError
from treedebug.core.run.run_data import Note
from treedebug.store.disk_store import DiskSink, DiskSource
from treedebug.store.file_format import FILE_NAME
from treedebug.store.own_file import BusyError, NotOwnError
from treedebug.store.run_records import encode_note

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def note(n):
    return encode_note(Note("t", f"note {n}"))


def notes(path):
    return [r.fields["message"] for r in DiskSource(path).records()]


def spoil(path, how):
    file = path / FILE_NAME
    data = file.read_bytes()
    if how == "deleted":
        file.unlink()
    elif how == "moved":
        path.rename(path.with_name("moved"))
    elif how == "shorter":
        os.truncate(file, len(data) - 7)
    elif how == "empty":
        os.truncate(file, 0)
    elif how == "longer":
        with file.open("ab") as other:
            other.write(b"x" * 9)
    elif how == "other bytes":
        with file.open("r+b") as other:
            other.seek(len(data) - 4)
            other.write(b"abcd")


@pytest.mark.parametrize("how", ["deleted", "moved", "shorter", "empty", "longer", "other bytes"])
def test_a_file_that_somebody_changed_is_left_alone(tmp_path, how):
    sink = DiskSink(tmp_path / "run")
    sink.append([note(0)])
    spoil(tmp_path / "run", how)
    file = tmp_path / "run" / FILE_NAME
    before = file.read_bytes() if file.exists() else None
    for _ in range(2):
        with pytest.raises(NotOwnError):
            sink.append([note(1)])
    sink.own.drop()
    assert (file.read_bytes() if file.exists() else None) == before


@posix
def test_two_processes_that_resume_one_run(tmp_path):
    DiskSink(tmp_path).close()
    first = DiskSink(tmp_path, resume=True)
    code = "import sys; from treedebug.store.disk_store import DiskSink; DiskSink(sys.argv[1], resume=True)"
    second = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert "BusyError: another training is being recorded" in second.stderr
    first.append([note(0)])
    first.close()
    DiskSink(tmp_path, resume=True).close()
    assert notes(tmp_path) == ["note 0"]


@posix
def test_without_locks_the_second_writer_is_noticed(tmp_path, monkeypatch):
    """A network file system may know no locks: whoever appends first keeps the file."""
    import fcntl

    def unsupported(fd, operation):
        raise OSError(errno.ENOLCK, "no locks here")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    DiskSink(tmp_path).close()
    made: list[DiskSink] = []
    for _ in range(2):
        thread = threading.Thread(target=lambda: made.append(DiskSink(tmp_path, resume=True)))
        thread.start()
        thread.join()
    # The thread of the first is over, so the second took over; give the first its file back, as another process has it.
    one, two = DiskSink(tmp_path, resume=True), made[1]
    two.own.drop()
    other = os.open(tmp_path / FILE_NAME, os.O_RDWR | os.O_APPEND)
    os.write(other, b"of another process")
    os.close(other)
    with pytest.raises(NotOwnError, match="changed by somebody else"):
        one.append([note(1)])
    one.own.drop()


@posix
def test_a_thread_that_is_alive_keeps_its_run(tmp_path):
    ready, done = threading.Event(), threading.Event()

    def write():
        sink = DiskSink(tmp_path)
        ready.set()
        done.wait(30)
        sink.close()

    thread = threading.Thread(target=write)
    thread.start()
    ready.wait(30)
    try:
        with pytest.raises(BusyError):
            DiskSink(tmp_path, resume=True)
    finally:
        done.set()
        thread.join()
    DiskSink(tmp_path, resume=True).close()


@posix
def test_a_later_training_of_this_thread_takes_over(tmp_path):
    """An interrupted training, held by a traceback, must not write over the one that resumed it."""
    old = DiskSink(tmp_path)
    old.append([note(0)])
    new = DiskSink(tmp_path, resume=True)
    old.append([note(1)])
    new.append([note(2)])
    old.close()
    new.close()
    assert notes(tmp_path) == ["note 0", "note 2"]


@posix
def test_a_fork_never_touches_the_file_of_its_parent(tmp_path):
    sink = DiskSink(tmp_path)
    sink.append([note(0)])
    child = os.fork()
    if not child:
        code = 1
        try:
            sink.append([note(9)])
        except StoreError:
            sink.close()
            code = 0
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    sink.append([note(1)])
    sink.close()
    assert notes(tmp_path) == ["note 0", "note 1"]


@posix
def test_a_fork_that_lives_on_does_not_hold_the_lock(tmp_path):
    """A data loader's worker may outlive the training that was killed."""
    code = (
        "import os, sys, time; from treedebug.store.disk_store import DiskSink\n"
        "sink = DiskSink(sys.argv[1])\n"
        "told, tells = os.pipe()\n"
        "child = os.fork()\n"
        "if not child: os.write(tells, b'x'); time.sleep(60)\n"
        "os.read(told, 1); print(child, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert done.stdout is not None
    child = int(done.stdout.readline())
    done.wait()
    try:
        DiskSink(tmp_path, resume=True).close()
    finally:
        os.kill(child, 9)
        done.stdout.close()


def test_a_write_that_takes_nothing_is_an_error_and_no_endless_loop(tmp_path, monkeypatch):
    sink = DiskSink(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda fd, data: 0)
        with pytest.raises(OSError, match="took none of the bytes"):
            sink.append([note(0)])
    sink.append([note(1)])
    sink.close()
    assert notes(tmp_path) == ["note 1"]


def test_an_earlier_damaged_copy_is_kept(tmp_path: Path):
    for n in range(2):
        sink = DiskSink(tmp_path, resume=n > 0)
        sink.append([note(n)])
        sink.close()
        file = tmp_path / FILE_NAME
        data = bytearray(file.read_bytes())
        data[40] ^= 1
        file.write_bytes(bytes(data))
    DiskSink(tmp_path, resume=True).close()
    assert len(list(tmp_path.glob("*.damaged-at-*"))) == 2
