"""The bytes of a run as docs/format.md has them, taken apart and put together as a stranger would."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

NAME = "records.treedebug"
HEAD = b"TREEDBG\n" + struct.pack("<I", 1)


@dataclass
class Frame:
    """One frame: its JSON as text, and its blob."""

    text: bytes
    blob: bytes = b""

    @property
    def entry(self) -> dict[str, Any]:
        return json.loads(self.text)


def frame(kind: str, fields: Any, blob: bytes = b"") -> Frame:
    """A frame of any fields."""
    return Frame(json.dumps({"kind": kind, "fields": fields}, separators=(",", ":")).encode(), blob)


def split(data: bytes) -> list[Frame]:
    """The frames of a whole file."""
    found = []
    at = len(HEAD)
    while at + 8 <= len(data):
        length, _ = struct.unpack_from("<II", data, at)
        payload = data[at + 8 : at + 8 + length]
        (n_json,) = struct.unpack_from("<I", payload)
        found.append(Frame(payload[4 : 4 + n_json], payload[4 + n_json :]))
        at += 8 + length
    return found


def join(frames: Iterable[Frame]) -> bytes:
    """A file of these frames, with the checksums that they then have."""
    parts = [HEAD]
    for one in frames:
        payload = struct.pack("<I", len(one.text)) + one.text + one.blob
        parts += (struct.pack("<II", len(payload), zlib.crc32(payload)), payload)
    return b"".join(parts)
