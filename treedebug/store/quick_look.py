"""A first look at a run: its beginning and its end, whatever lies between."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from treedebug.core.errors import TreedebugError
from treedebug.core.run.run_data import Header
from treedebug.store.file_format import FILE_HEAD, FRAME_HEAD, MARKER, check_file_head
from treedebug.store.file_scan import read_frame
from treedebug.store.header_types import checked_header

_TAIL = 2048
"""Bytes in which the record of the end is looked for."""


@dataclass(frozen=True)
class QuickLook:
    """What the first records and the last one say; `ending` is None where the training has not ended."""

    header: Header = field(default_factory=Header)
    ending: Mapping[str, Any] | None = None
    error: str = ""
    """Why the file cannot be read."""


def quick_look(file: Path) -> QuickLook:
    """Return what the first and the last record of a file say, reading nothing between; never raise for its contents.

    The first header holds the parameters as the user gave them; the library's own values stand in a later one.
    """
    header = Header()
    try:
        with file.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            if not check_file_head(opened.read(len(FILE_HEAD)), file):
                return QuickLook()
            first = read_frame(opened, len(FILE_HEAD), size, file)
            if first is not None and first.record.kind == "header":
                header.update(checked_header(first.record.fields))
            return QuickLook(header, _ending(opened, size, file))
    except (TreedebugError, OSError, ValueError, TypeError) as error:
        return QuickLook(header, error=str(error))


def _ending(opened: BinaryIO, size: int, file: Path) -> Mapping[str, Any] | None:
    start = max(size - _TAIL, len(FILE_HEAD))
    opened.seek(start)
    begin = start + opened.read(_TAIL).rfind(MARKER) - FRAME_HEAD.size - 4  # behind its frame's head and JSON's length
    if begin < start:
        return None
    opened.seek(begin)
    frame = read_frame(opened, begin, size, file)
    is_end = frame is not None and frame.end == size and frame.record.kind == "end"
    return frame.record.fields if frame is not None and is_end else None
