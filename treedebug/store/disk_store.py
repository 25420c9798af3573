"""A run as a folder with one append-only record file: one writer, any number of readers, no locks."""

from __future__ import annotations

import contextlib
import os
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path

from treedebug.core.errors import RunExistsError, StoreError
from treedebug.core.run.records import Record
from treedebug.store.file_format import FILE_HEAD, FILE_NAME, encode_frames
from treedebug.store.file_scan import Scan

_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_OLD = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class DiskSink:
    """Appends records to the run in the folder `path`, which is created if need be.

    A path that holds a run raises RunExistsError; with `resume=True` the recording goes on after it (or starts, where
    there is none). Raises StoreError where nothing can be written.
    """

    def __init__(self, path: str | os.PathLike[str], *, resume: bool = False) -> None:
        self.path = Path(path)
        self.file = self.path / FILE_NAME
        fd, is_new = _claim(self.path, self.file, resume=resume)
        self._fd: int | None = fd
        # Closes the file of a sink that was dropped without close(), as after an error in the training.
        self._release = weakref.finalize(self, os.close, fd)
        self._end = 0
        self._is_clean = True
        try:
            self._end = self._start(fd) if is_new else self._resume(fd)
        except BaseException:
            self._fd = None
            self._release()
            raise

    def append(self, records: list[Record]) -> None:
        """Write all records or, on OSError, none; a later append may succeed (once the disk has room again)."""
        if not records:
            return
        if self._fd is None:
            raise StoreError(f"the run at {self.path} is closed: nothing can be added to it")
        self._write(self._fd, encode_frames(records))

    def close(self) -> None:
        """Bring everything to the disk and release the file; safe to call twice."""
        fd, self._fd = self._fd, None
        if fd is None:
            return
        try:
            os.fsync(fd)
        finally:
            self._release.detach()
            os.close(fd)

    def _write(self, fd: int, data: bytes) -> None:
        if not self._is_clean:
            self._cut(fd)
        view = memoryview(data)
        self._is_clean = False  # also if Ctrl-C comes between two writes
        try:
            os.lseek(fd, self._end, os.SEEK_SET)
            while view:
                view = view[os.write(fd, view) :]
        except BaseException:
            # The first error is the one to tell; if the cut fails as well, the next append tries it again.
            with contextlib.suppress(OSError):
                self._cut(fd)
            raise
        self._end += len(data)
        self._is_clean = True

    def _cut(self, fd: int) -> None:
        os.ftruncate(fd, self._end)
        self._is_clean = True

    def _start(self, fd: int) -> int:
        try:
            self._write(fd, FILE_HEAD)
        except OSError as error:
            with contextlib.suppress(OSError):
                self.file.unlink()  # ours, and empty: it would only be in the way of the next try
            raise StoreError(f"cannot start a run at {self.path}: {error.strerror}") from error
        return self._end

    def _resume(self, fd: int) -> int:
        scan = Scan(self.file)
        for _ in scan:  # only to find the end; it also refuses foreign files and newer formats
            pass
        damaged_at = scan.diagnose()
        if damaged_at is not None:
            self._copy_aside(damaged_at)
            self._end = damaged_at
        else:
            self._end = scan.offset if scan.bad else 0
        self._cut(fd)
        if self._end == 0:
            self._start(fd)
        if damaged_at is not None:
            message = f"the record file was damaged from byte {damaged_at} on; the bytes from there on were put aside"
            self.append([_note(message)])
        return self._end

    def _copy_aside(self, damaged_at: int) -> None:
        """Copy the damaged rest to a file of its own before it is cut off: nothing recorded is ever destroyed."""
        aside = self.file.with_name(f"{FILE_NAME}.damaged-at-{damaged_at}")
        with self.file.open("rb") as old, aside.open("wb") as new:
            old.seek(damaged_at)
            shutil.copyfileobj(old, new)


class DiskSource:
    """Reads the run in the folder `path` (or the record file itself), while or after it is written."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.file = self.path if self.path.is_file() else self.path / FILE_NAME

    def records(self) -> Iterator[Record]:
        """All whole records, oldest first; a note at the end if the file is damaged.

        Records of kind "trees" and "revision" have an empty `blob` and a `ref` whose `load()` fetches it.
        """
        scan = Scan(self.file)
        yield from scan
        damaged_at = scan.diagnose()
        if damaged_at is not None:
            yield from scan.pending
            yield _note(
                f"{self.file} is damaged from byte {damaged_at} on: what was recorded before is here, "
                f"the {scan.size - damaged_at} bytes from there on are not"
            )

    def records_from(self, offset: int) -> tuple[list[Record], int]:
        """The records after byte `offset` (0 at first), and the offset for the next call.

        An append that is not yet whole is left for the next call. Raises FormatError if the file has become shorter:
        the run was deleted and started anew.
        """
        scan = Scan(self.file, offset)
        records: list[Record] = list(scan)
        return records, scan.offset if scan.bad else 0


def is_run(path: str | os.PathLike[str]) -> bool:
    """Whether the folder holds a run."""
    return (Path(path) / FILE_NAME).is_file()


def _claim(folder: Path, file: Path, *, resume: bool) -> tuple[int, bool]:
    """The record file's descriptor, and whether it was created: the file system lets only one process create it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            return os.open(file, _NEW, 0o666), True
        if resume:
            return os.open(file, _OLD), False
    except FileExistsError as error:
        message = f"cannot record a run at {folder}: it is a file; a run needs a folder, give another path"
        raise StoreError(message) from error
    except OSError as error:
        message = f"cannot record a run at {folder}: {error.strerror or error}; give a path that can be written to"
        raise StoreError(message) from error
    raise RunExistsError(
        f"{folder} already holds a run, and a run is never overwritten: record to another path, pass resume=True to "
        "continue it, or delete the folder"
    )


def _note(message: str) -> Record:
    return Record("note", {"topic": "store", "message": message, "round_index": None})
