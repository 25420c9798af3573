"""One pass over a record file: whole appends, then what stopped the pass."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from treedebug.core.errors import FormatError, RunNotFoundError, StoreError
from treedebug.store.file_format import (
    FILE_HEAD,
    FRAME_HEAD,
    MARKER,
    MIN_LENGTH,
    StoredRecord,
    check_file_head,
    decode_payload,
)

_WINDOW = 1 << 20
_MAX_CANDIDATES = 1000  # a hostile file may be full of markers
_PASSES = 2
"""Times the file that may be read to find a whole frame behind a damaged place."""
_ZERO_TAIL = 8


@dataclass(frozen=True)
class Frame:
    """A whole frame: its record, whether its append goes on, and where the next frame begins."""

    record: StoredRecord
    more: bool
    end: int


class Scan:
    """Iterate over the records of all whole appends from `offset` on (0 for the beginning).

    Afterwards `offset` is the end of the last whole append, where a follower goes on. A frame that is cut off, zero or
    wrong ends the pass: it may be whole at the next read. `diagnose` tells whether it will ever be.
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = max(offset, len(FILE_HEAD))
        self.pending: list[StoredRecord] = []
        """Whole records of an append whose end is missing."""
        self.bad = self.offset
        """Where the first byte after the last whole frame stands."""
        self.size = 0

    def __iter__(self) -> Iterator[StoredRecord]:
        """Records, oldest first. Raises FormatError for a foreign file, or if the file is shorter than `offset`."""
        with _open(self.path) as file:
            self.size = os.fstat(file.fileno()).st_size
            if not check_file_head(file.read(len(FILE_HEAD)), self.path):
                self.bad = 0
                return
            if self.offset > self.size:
                raise FormatError(
                    f"{self.path} has {self.size} bytes and was read up to byte {self.offset}: the run was replaced, "
                    "load it again"
                )
            self.bad = self.offset
            file.seek(self.offset)
            while (frame := read_frame(file, self.bad, self.size, self.path)) is not None:
                self.bad = frame.end
                self.pending.append(frame.record)
                if not frame.more:
                    whole, self.pending = self.pending, []
                    self.offset = frame.end
                    yield from whole

    def diagnose(self) -> int | None:
        """The byte at which damage begins, or None if the pass ended at the end or in an unfinished write.

        An unfinished write stands at the end of the file. So a place with a whole frame after it is damaged, and so is
        a last frame that is all there with a wrong checksum.
        """
        if self.bad >= self.size:
            return None
        with _open(self.path) as file:
            if _frame_after(file, self.bad + 1, self.size, self.path) or _is_complete(file, self.bad, self.size):
                return self.bad
        return None


def read_frame(file: BinaryIO, offset: int, size: int, path: Path) -> Frame | None:
    """The frame at `offset`, where `file` stands; None if it is not whole."""
    head = file.read(FRAME_HEAD.size)
    if len(head) < FRAME_HEAD.size:
        return None
    length, crc = FRAME_HEAD.unpack(head)
    start = offset + FRAME_HEAD.size
    if length < MIN_LENGTH or start + length > size:  # never allocate what a damaged length asks for
        return None
    payload = file.read(length)
    if len(payload) < length:
        return None
    try:
        record, more = decode_payload(payload, crc, path=path, offset=start)
    except FormatError:
        return None
    return Frame(record, more, start + length)


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RunNotFoundError(f"there is no run at {path}: {error.strerror}") from error
    except OSError as error:
        raise StoreError(f"cannot read the run at {path}: {error.strerror}") from error


def _frame_after(file: BinaryIO, start: int, size: int, path: Path) -> bool:
    try:
        return next_frame(file, start, size, path) is not None
    except FormatError:
        return True


def next_frame(file: BinaryIO, start: int, size: int, path: Path) -> tuple[int, Frame] | None:
    """Return the first whole frame from byte `start` on, and where it stands; None if there is none.

    Raise FormatError for a file with more places that look like frames than are worth reading.
    """
    before = FRAME_HEAD.size + 4  # a marker stands behind the frame's head and the JSON's length
    budget = _PASSES * size
    for tried, marker in enumerate(_markers(file, start + before)):
        if tried == _MAX_CANDIDATES or budget < 0:
            raise FormatError(f"{path} is full of places that look like records and are none")
        file.seek(marker - before)
        length, _ = FRAME_HEAD.unpack(file.read(FRAME_HEAD.size))
        if marker - before + FRAME_HEAD.size + length > size:
            continue
        budget -= length
        file.seek(marker - before)
        frame = read_frame(file, marker - before, size, path)
        if frame is not None:
            return marker - before, frame
    return None


def _markers(file: BinaryIO, start: int) -> Iterator[int]:
    keep = len(MARKER) - 1
    while True:
        file.seek(start)
        window = file.read(_WINDOW)
        found = window.find(MARKER)
        while found >= 0:
            yield start + found
            found = window.find(MARKER, found + 1)
        if len(window) <= keep or len(window) < _WINDOW:
            return
        start += len(window) - keep


def _is_complete(file: BinaryIO, offset: int, size: int) -> bool:
    """Return whether a frame ends exactly with the file, and the file not in zeros (bytes not yet arrived)."""
    file.seek(offset)
    head = file.read(FRAME_HEAD.size)
    if len(head) < FRAME_HEAD.size or offset + len(head) + FRAME_HEAD.unpack(head)[0] != size:
        return False
    file.seek(max(size - _ZERO_TAIL, 0))
    return bool(file.read(_ZERO_TAIL).strip(b"\0"))
