"""The bytes of a run: file head, frames, and the JSON in them. `docs/format.md` is the specification.

    file  = MAGIC (8 bytes) + u32 format version + frame*
    frame = u32 length + u32 crc32 + payload            length and crc32 are those of the payload
    payload = u32 json length + JSON (UTF-8) + blob     all integers little-endian

Nothing here can execute code: JSON and raw bytes only.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from treedebug.core.errors import FormatError, RunNotFoundError
from treedebug.core.plain_json import plain
from treedebug.core.run.records import Record

FILE_NAME = "records.treedebug"
MAGIC = b"TREEDBG\n"
VERSION = 1
FILE_HEAD = MAGIC + struct.pack("<I", VERSION)
MARKER = b'{"kind":'
"""Every frame's JSON begins with these bytes, so that frames after a damaged place can be told from noise."""
DEFERRED = frozenset({"trees", "revision"})
"""Kinds whose blobs stay in the file until somebody asks for them; so do those of records with a field `deferred`."""

FRAME_HEAD = struct.Struct("<II")
_JSON_LENGTH = struct.Struct("<I")
MIN_LENGTH = _JSON_LENGTH.size + len('{"kind":""}')
"""The shortest payload. A zero-filled tail reads as length 0 with a matching crc32 of 0, and is refused by this."""
MAX_LENGTH = 2**32 - 1


class Blob(Protocol):
    """A block of bytes that is fetched when needed."""

    @property
    def length(self) -> int:
        """Number of bytes."""

    def load(self) -> bytes:
        """Return the bytes."""


@dataclass(frozen=True)
class HeldBlob:
    """A blob already in memory."""

    data: bytes

    @property
    def length(self) -> int:
        """Number of bytes."""
        return len(self.data)

    def load(self) -> bytes:
        """Return the bytes."""
        return self.data


@dataclass(frozen=True)
class BlobRef:
    """A blob in a record file. `crc_before` is the checksum of the payload up to the blob, `crc` of all of it."""

    path: Path
    offset: int
    length: int
    crc_before: int
    crc: int

    def load(self) -> bytes:
        """Read the bytes and check them. Raises FormatError if they are no longer what they were."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                data = file.read(self.length)
        except FileNotFoundError as error:
            raise RunNotFoundError(f"the run's record file {self.path} is gone: {error.strerror}") from error
        if len(data) != self.length or zlib.crc32(data, self.crc_before) != self.crc:
            raise FormatError(
                f"{self.path} changed or was damaged at byte {self.offset} since the run was loaded: load it again"
            )
        return data


@dataclass(frozen=True)
class StoredRecord(Record):
    """A record whose blob may have stayed in the file: then `blob` is empty and `ref` says where it is."""

    ref: BlobRef | None = None


def blob_of(record: Record) -> Blob:
    """Return the record's blob, wherever it is, without loading it."""
    ref = getattr(record, "ref", None)
    return HeldBlob(record.blob) if ref is None else ref


def encode_json(record: Record, *, more: bool = False) -> bytes:
    """The JSON of a record; NaN and infinities as the tokens NaN, Infinity and -Infinity."""
    entry: dict[str, Any] = {"kind": record.kind, "fields": plain(record.fields)}
    if more:
        entry["more"] = True
    text = json.dumps(entry, separators=(",", ":"))
    return text.encode("ascii")  # json escapes everything else, lone surrogates too


def decode_json(text: bytes) -> tuple[str, dict[str, Any], bool]:
    """Kind, fields, and whether the append goes on. Raises FormatError if it is not a record's JSON."""
    try:
        entry = json.loads(text)
        kind, fields, more = entry["kind"], entry.get("fields", {}), entry.get("more", False)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FormatError(f"expected the JSON of a record, got {text[:40]!r}") from error
    if not (isinstance(kind, str) and isinstance(fields, dict)):
        raise FormatError(f"expected a record with a kind and fields, got {text[:40]!r}")
    return kind, fields, bool(more)


def encode_frames(records: Sequence[Record]) -> bytes:
    """The frames of one append. All but the last say that more follows, so readers take all of them or none."""
    parts: list[bytes] = []
    for position, record in enumerate(records):
        text = encode_json(record, more=position < len(records) - 1)
        blob = record.blob or blob_of(record).load()
        before = _JSON_LENGTH.pack(len(text)) + text
        length = len(before) + len(blob)
        if length > MAX_LENGTH:
            raise FormatError(f"a record of kind {record.kind!r} has {length} bytes, a frame holds {MAX_LENGTH}")
        parts += (FRAME_HEAD.pack(length, zlib.crc32(blob, zlib.crc32(before))), before, blob)
    return b"".join(parts)


def decode_payload(payload: bytes, crc: int, *, path: Path, offset: int) -> tuple[StoredRecord, bool]:
    """The record in a frame's payload, which stands at byte `offset` of the file, and whether the append goes on.

    Raises FormatError if the checksum or the JSON is wrong.
    """
    start = _JSON_LENGTH.size
    (n_json,) = _JSON_LENGTH.unpack_from(payload)
    end = start + n_json
    if end > len(payload):
        raise FormatError("the JSON is longer than its frame")
    blob = memoryview(payload)[end:]
    crc_before = zlib.crc32(memoryview(payload)[:end])
    if zlib.crc32(blob, crc_before) != crc:
        raise FormatError("the checksum does not match")
    kind, fields, more = decode_json(payload[start:end])
    if kind in DEFERRED or fields.get("deferred"):
        ref = BlobRef(path, offset + end, len(blob), crc_before, crc)
        return StoredRecord(kind, fields, b"", ref), more
    return StoredRecord(kind, fields, bytes(blob)), more


def check_file_head(head: bytes, path: Path) -> bool:
    """Return whether the file's head is complete; False if its writer has not finished it.

    Raises FormatError for a foreign file and for a newer format version.
    """
    if len(head) < len(FILE_HEAD) and FILE_HEAD.startswith(head):
        return False
    if not head.strip(b"\0"):  # a network file system may show the size before the bytes
        return False
    if not head.startswith(MAGIC):
        raise FormatError(
            f"{path} is not a treedebug run: expected it to begin with {MAGIC!r}, got {head[:8]!r}; saved models and "
            "tables are judged by treedebug.check"
        )
    version = int.from_bytes(head[len(MAGIC) : len(FILE_HEAD)], "little")
    if version > VERSION:
        raise FormatError(
            f"{path} was written by a newer treedebug (format {version}, this one reads {VERSION}): upgrade"
        )
    if version < 1 or len(head) < len(FILE_HEAD):
        raise FormatError(f"{path} has a damaged head: format version {version}, this treedebug reads {VERSION}")
    return True
