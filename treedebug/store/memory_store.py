"""A run kept in memory, for trainings that record to no path."""

from __future__ import annotations

from collections.abc import Iterator

from treedebug.core.run.records import Record, Source
from treedebug.store.file_format import blob_of, decode_json, encode_json


class MemorySink:
    """Keeps records as they would stand on disk, and gives them back: a sink and its own source. Can be pickled."""

    path = None

    def __init__(self) -> None:
        self._records: list[tuple[bytes, bytes]] = []

    def append(self, records: list[Record]) -> None:
        """Keep all records or, if one cannot be encoded, none."""
        self._records += [(encode_json(r), blob_of(r).load()) for r in records]

    def close(self) -> None:
        """Nothing to release."""

    def records(self) -> Iterator[Record]:
        """Return all records, oldest first."""
        return self.records_from(0)[0].__iter__()

    def records_from(self, offset: int) -> tuple[list[Record], int]:
        """Return the records after the first `offset`, and the offset for the next call."""
        new = self._records[offset:]
        return [_record(text, blob) for text, blob in new], offset + len(new)


def _record(text: bytes, blob: bytes) -> Record:
    kind, fields, _ = decode_json(text)
    return Record(kind, fields, blob)


class Continued:
    """A source, and records after it that did not reach it (a full disk)."""

    def __init__(self, source: Source, rest: list[Record]) -> None:
        self._source = source
        self._rest = rest

    def records(self) -> Iterator[Record]:
        """Return all records, oldest first."""
        yield from self._source.records()
        yield from self._rest
