"""Bring back what stands behind the damage of a record file, where it can be trusted without what was lost."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from treedebug.core.errors import ConfigError, FormatError
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import Note
from treedebug.store.disk_store import DiskSink, DiskSource
from treedebug.store.file_scan import Frame, Scan, next_frame, read_frame
from treedebug.store.run_records import encode_note

_TRUSTED = frozenset({"header", "rounds", "usage", "classes", "data", "label_errors", "finding", "note", "rewind"})
"""Kinds that stand by themselves; trees, their weights and a network's numbers build on what came before."""
_MOST_PLACES = 100


class Salvaged(NamedTuple):
    """What was brought back, and what was not."""

    before: int
    """Records before the damage."""
    behind: int
    """Records behind it that were brought back."""
    left: dict[str, int]
    """Kinds of records behind it that cannot be trusted without what was lost, and how many."""
    lost_bytes: int

    def said(self, name: str) -> str:
        """Return it in words, for the run of this name."""
        left = ", ".join(f"{n} of kind {kind!r}" for kind, n in sorted(self.left.items()))
        rest = f"; not these, which build on what was lost: {left}" if left else ""
        return f"salvaged from {name}: {self.lost_bytes:,} bytes lost, {self.behind} records behind them are here{rest}"


def salvage(path: str | os.PathLike[str], to: str | os.PathLike[str]) -> Salvaged:
    """Write a new run with all that can be trusted of a damaged one, and a note that says what could not.

    Raise ConfigError for a run that is not damaged, RunExistsError where `to` holds a run; `path` is only read.
    """
    source = DiskSource(path)
    scan = Scan(source.file)
    before: list[Record] = list(scan)
    damaged_at = scan.diagnose()
    if damaged_at is None:
        raise ConfigError(f"{path} is not damaged: there is nothing to salvage")
    before += scan.pending
    behind: list[Record] = []
    left: Counter[str] = Counter()
    lost = scan.size - damaged_at
    for frame, size in _frames(source.file, damaged_at, scan.size):
        lost -= size
        if frame.record.kind in _TRUSTED:
            behind.append(frame.record)
        else:
            left[frame.record.kind] += 1
    found = Salvaged(len(before), len(behind), dict(left), lost)
    sink = DiskSink(to)
    try:
        for record in (*before, *behind, encode_note(Note("store", found.said(Path(path).name), is_damage=True))):
            sink.append([record])
    finally:
        sink.close()
    return found


def _frames(file: Path, start: int, size: int) -> Iterator[tuple[Frame, int]]:
    """Yield the whole frames behind a damaged place, and their sizes; gives up after many more such places."""
    with file.open("rb") as stream:
        for _ in range(_MOST_PLACES):
            try:
                found = next_frame(stream, start, size, file)
            except FormatError:
                return
            while found is not None:
                at, frame = found
                start = frame.end
                yield frame, start - at
                stream.seek(start)
                following = read_frame(stream, start, size, file)
                found = None if following is None else (start, following)
            if start >= size:
                return
            start += 1
