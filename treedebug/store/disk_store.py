"""A run as a folder with one append-only record file: one writer, any number of readers."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from treedebug.core.errors import RunExistsError, StoreError
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import Note
from treedebug.store.file_format import FILE_HEAD, FILE_NAME, encode_frames
from treedebug.store.file_scan import Scan
from treedebug.store.own_file import OwnFile
from treedebug.store.run_records import encode_note

_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_OLD = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class DiskSink:
    """Appends records to the run in the folder `path`, which is created if need be.

    A path that holds a run raises RunExistsError; with `resume=True` the recording goes on after it (or starts, where
    there is none). Raises StoreError where nothing can be written, BusyError where another training writes; `append`
    raises NotOwnError once somebody else has changed the file. `durable` waits for the disk after each append.
    """

    def __init__(self, path: str | os.PathLike[str], *, resume: bool = False, durable: bool = False) -> None:
        self.path = Path(path)
        self.file = self.path / FILE_NAME
        fd, is_new = _claim(self.path, self.file, resume=resume)
        self.own = OwnFile(fd, self.file)
        self._durable = durable
        try:
            self._start() if is_new else self._resume()
        except BaseException:
            self.own.drop()
            raise

    def append(self, records: list[Record]) -> None:
        """Write all records or, on OSError, none; a later append may succeed (once the disk has room again)."""
        if records and not self.own.was_taken:
            self.own.append(encode_frames(records))
            if self._durable:
                self.own.sync()

    def close(self) -> None:
        """Bring everything to the disk and release the file; safe to call twice."""
        if self.own.is_open:
            try:
                self.own.sync()
            finally:
                self.own.drop()

    def _start(self) -> None:
        try:
            self.own.append(FILE_HEAD)
        except OSError as error:
            with contextlib.suppress(OSError):
                self.file.unlink()  # ours, and empty: it would only be in the way of the next try
            raise StoreError(f"cannot start a run at {self.path}: {error.strerror}") from error

    def _resume(self) -> None:
        scan = Scan(self.file)
        for _ in scan:  # only to find the end; it also refuses foreign files and newer formats
            pass
        damaged_at = scan.diagnose()
        if damaged_at is not None:
            self._copy_aside(damaged_at)
            end = damaged_at
        else:
            end = scan.offset if scan.bad else 0
        self.own.begin_at(end)
        if end == 0:
            self._start()
        if damaged_at is not None:
            message = f"the record file was damaged from byte {damaged_at} on; the bytes from there on were put aside"
            self.append([_note(message)])

    def _copy_aside(self, damaged_at: int) -> None:
        """Copy the damaged rest to a file of its own before it is cut off: nothing recorded is ever destroyed."""
        name, n = f"{FILE_NAME}.damaged-at-{damaged_at}", 1
        while True:
            aside = self.file.with_name(name if n == 1 else f"{name}-{n}")
            try:
                new = aside.open("xb")
            except FileExistsError:  # an earlier damaged copy is never overwritten
                n += 1
                continue
            with self.file.open("rb") as old, new:
                old.seek(damaged_at)
                shutil.copyfileobj(old, new)
            return


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
                f"the {scan.size - damaged_at:,} bytes from there on are not",
                is_damage=True,
            )

    def records_from(self, offset: int) -> tuple[list[Record], int]:
        """Return the records after byte `offset` (0 at first), and the offset for the next call.

        An append that is not yet whole is left for the next call. Raises FormatError if the file has become shorter:
        the run was deleted and started anew.
        """
        scan = Scan(self.file, offset)
        records: list[Record] = list(scan)
        return records, scan.offset if scan.bad else 0


def is_run(path: str | os.PathLike[str]) -> bool:
    """Return whether the folder holds a run."""
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


def _note(message: str, *, is_damage: bool = False) -> Record:
    return encode_note(Note("store", message, is_damage=is_damage))
