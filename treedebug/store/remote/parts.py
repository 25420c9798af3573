"""Parts: a record file in object storage while it grows, as numbered objects that never change.

`records.treedebug.part-00000003-1200-512` is the fourth part, 512 bytes from byte 1200 on. A part counts only if it has
as many bytes as it says, and if those before it are there: so a reader sees a prefix of the file at any moment, which
ends between two appends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from treedebug.store.file_format import FILE_NAME

_NAME = re.compile(re.escape(FILE_NAME) + r"\.part-(\d{8})-(\d{1,18})-(\d{1,18})")
CLAIM_NAME = f"{FILE_NAME}.writer"
"""An object that says who ships to this place: there is one writer."""


@dataclass(frozen=True)
class Part:
    """The bytes from `start` on."""

    number: int
    start: int
    length: int

    @property
    def stop(self) -> int:
        """The byte after the last."""
        return self.start + self.length

    @property
    def name(self) -> str:
        """Of the object."""
        return f"{FILE_NAME}.part-{self.number:08d}-{self.start}-{self.length}"


def parts_of(sizes: Mapping[str, int]) -> list[Part]:
    """Return the parts among objects, given with their sizes, that are whole; in order."""
    found = []
    for name, size in sizes.items():
        match = _NAME.fullmatch(name)
        if match is not None and int(match[3]) == size:
            found.append(Part(*(int(group) for group in match.groups())))
    return sorted(found, key=lambda part: (part.start, part.number))


def chain(parts: list[Part], start: int = 0) -> list[Part]:
    """Return the parts that follow each other without a gap from byte `start` on."""
    by_start: dict[int, Part] = {}
    for part in parts:
        if part.length > 0 and (part.start not in by_start or part.length > by_start[part.start].length):
            by_start[part.start] = part
    chosen, at = [], start
    while at in by_start:
        chosen.append(by_start[at])
        at = by_start[at].stop
    return chosen
