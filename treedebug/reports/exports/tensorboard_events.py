"""A run as TensorBoard reads it: an event file with the metrics by round, and findings and parameters as text.

The file is a sequence of records (TFRecord), each a protocol buffer `Event`. Both are simple and stable, and written
here by hand: TensorBoard itself weighs hundreds of times as much as what it would be needed for.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

_FILE_VERSION = b"brain.Event:2"
_POLYNOMIAL = 0x82F63B78
_MASK = 0xA282EAD8
_STRING = 7
"""DT_STRING of TensorFlow's types."""


def _table() -> list[int]:
    found = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        found.append(value)
    return found


_CRC = _table()


def crc32c(data: bytes) -> int:
    """Return the Castagnoli checksum of the bytes."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def write_events(
    file: BinaryIO,
    scalars: Iterable[tuple[float, int, str, float]],
    texts: Iterable[tuple[float, str, str]],
) -> None:
    """Write an event file: scalars are (wall time, step, tag, value), texts (wall time, tag, Markdown)."""
    _write(file, _double(1, 0.0) + _bytes(3, _FILE_VERSION))
    for event in _events(scalars, texts):
        _write(file, event)


def _events(
    scalars: Iterable[tuple[float, int, str, float]], texts: Iterable[tuple[float, str, str]]
) -> Iterator[bytes]:
    for wall_time, tag, text in texts:
        yield _event(wall_time, 0, _text_value(tag, text))
    for wall_time, step, tag, value in scalars:
        yield _event(wall_time, step, _bytes(1, tag.encode()) + _float(2, value))


def _text_value(tag: str, text: str) -> bytes:
    metadata = _bytes(1, _bytes(1, b"text"))
    tensor = _varint(1, _STRING) + _bytes(2, _bytes(2, _varint(1, 1))) + _bytes(8, text.encode())
    return _bytes(1, tag.encode()) + _bytes(9, metadata) + _bytes(8, tensor)


def _event(wall_time: float, step: int, value: bytes) -> bytes:
    return _double(1, wall_time) + _varint(2, step) + _bytes(5, _bytes(1, value))


def _write(file: BinaryIO, event: bytes) -> None:
    length = struct.pack("<Q", len(event))
    file.write(length + _masked(length) + event + _masked(event))


def _masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + _MASK) & 0xFFFFFFFF)


def _varint(field: int, value: int) -> bytes:
    return _plain_varint(field << 3) + _plain_varint(value)


def _bytes(field: int, data: bytes) -> bytes:
    return _plain_varint(field << 3 | 2) + _plain_varint(len(data)) + data


def _double(field: int, value: float) -> bytes:
    return _plain_varint(field << 3 | 1) + struct.pack("<d", value)


def _float(field: int, value: float) -> bytes:
    return _plain_varint(field << 3 | 5) + struct.pack("<f", _narrowed(value))


def _narrowed(value: float) -> float:
    """Return the value as a float of four bytes holds it: too large ones become infinite."""
    return value if not abs(value) > 3.4e38 else float("inf") if value > 0 else float("-inf")


def _plain_varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
