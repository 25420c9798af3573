"""MovingSink: a run on disk, opened when that is possible, which goes on elsewhere once its file is not its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from treedebug.core.run.records import Record
from treedebug.store.disk_store import DiskSink
from treedebug.store.file_format import FILE_HEAD
from treedebug.store.file_scan import read_frame
from treedebug.store.own_file import NotOwnError, OwnFile
from treedebug.store.writing.run_place import RunPlace


def _silent(message: str) -> None:
    """Say nothing."""


def _nothing(records: list[Record]) -> list[Record]:  # noqa: ARG001 - as `recall` takes it
    return []


class MovingSink:
    """Appends to the folder that `first` opens, later to one that `beside` opens; `place` follows.

    Both raise OSError where a folder cannot be opened now: `append` raises it too, and tries again the next time.
    """

    def __init__(self, place: RunPlace, first: Callable[[], DiskSink], beside: Callable[[], DiskSink]) -> None:
        self.tell: Callable[[str], None] = _silent
        """Takes what the user is to hear."""
        self.recall: Callable[[list[Record]], list[Record]] = _nothing
        """Gives the whole record from memory, the records about to be written among it, where the file lost a part."""
        self._place = place
        self._open = first
        self._beside = beside
        self._sink: DiskSink | None = None
        self._left: tuple[DiskSink, NotOwnError] | None = None
        self._recalls = False
        """The next append writes the whole record anew."""
        with contextlib.suppress(OSError):  # the first append tries again, and raises it
            self._opened()

    def append(self, records: list[Record]) -> None:
        """Write all records or, on OSError, none."""
        sink = self._opened()
        try:
            self._append(sink, records)
        except NotOwnError as error:
            self._left, self._sink, self._open = (sink, error), None, self._beside
            self._append(self._opened(), records)

    def beat(self, record: Record) -> None:
        """Append a sign of life, if the file is open. Raises OSError, NotOwnError too: a later append sees to it."""
        if self._sink is not None:
            self._sink.append([record])

    def close(self) -> None:
        """Bring everything to the disk and release the file; safe to call twice."""
        if self._left is not None:
            self._left[0].own.drop()
        if self._sink is not None:
            self._sink.close()

    def _append(self, sink: DiskSink, records: list[Record]) -> None:
        sink.append((self.recall(records) or records) if self._recalls else records)
        self._recalls = False

    def _opened(self) -> DiskSink:
        if self._sink is None:
            sink = self._open()
            if self._left is not None:
                self._carry_over(sink, *self._left)
                self._left = None
            self._sink = sink
            self._place.path, self._place.is_open = sink.path, True
        return self._sink

    def _carry_over(self, sink: DiskSink, left: DiskSink, error: NotOwnError) -> None:
        """Take along what the old file holds of this run; where it lost a part, recall the whole."""
        try:
            whole = whole_bytes(left.own)
            lost = left.own.end - whole
            self._recalls = lost > 0 and bool(self.recall([]))
            if not self._recalls:
                for chunk in left.own.chunks(len(FILE_HEAD), whole):
                    sink.own.append(chunk)
        except BaseException:
            sink.own.drop()
            sink.file.unlink(missing_ok=True)
            raise
        left.own.drop()
        held = "was written anew from memory" if self._recalls else f"has lost {lost} bytes" if lost else "is complete"
        self.tell(f"{error}: the record {held} and goes on at {sink.path}")


def whole_bytes(own: OwnFile) -> int:
    """Where the last whole append of this writer ends, in a file that may have been cut or changed since."""
    with os.fdopen(own.duplicate(), "rb") as file:
        size = min(os.fstat(file.fileno()).st_size, own.end)
        file.seek(0)
        if file.read(len(FILE_HEAD)) != FILE_HEAD:
            return 0
        at = end = len(FILE_HEAD)
        while (frame := read_frame(file, at, size, own.path)) is not None:
            at = frame.end
            if not frame.more:
                end = at
    return end
