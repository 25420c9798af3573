"""A first look at a run: its beginning and its end, whatever lies between."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treedebug.core.errors import TreedebugError
from treedebug.core.run.run_data import Header
from treedebug.store.file_format import FILE_HEAD, FRAME_HEAD, MARKER
from treedebug.store.file_scan import Scan, read_frame

_TAIL = 2048
"""Bytes in which the record of the end is looked for."""
_FIRST = 2
"""Records that hold the header: what is known before the training, and what its first round adds."""


@dataclass(frozen=True)
class QuickLook:
    """What the first records and the last one say; `ending` is None where the training has not ended."""

    header: Header = field(default_factory=Header)
    ending: Mapping[str, Any] | None = None
    error: str = ""
    """Why the file cannot be read."""


def quick_look(file: Path) -> QuickLook:
    """Return what the ends of a record file say, reading nothing between; never raise for what is in it."""
    header = Header()
    try:
        for record in itertools.islice(Scan(file), _FIRST):
            if record.kind == "header":
                header.update(dict(record.fields))
        return QuickLook(header, _ending(file))
    except (TreedebugError, OSError) as error:
        return QuickLook(header, error=str(error))


def _ending(file: Path) -> Mapping[str, Any] | None:
    with file.open("rb") as opened:
        size = opened.seek(0, 2)
        start = max(size - _TAIL, len(FILE_HEAD))
        opened.seek(start)
        tail = opened.read(_TAIL)
        begin = start + tail.rfind(MARKER) - FRAME_HEAD.size - 4  # behind the frame's head and the JSON's length
        if begin < start:
            return None
        opened.seek(begin)
        frame = read_frame(opened, begin, size, file)
    is_end = frame is not None and frame.end == size and frame.record.kind == "end"
    return frame.record.fields if frame is not None and is_end else None
