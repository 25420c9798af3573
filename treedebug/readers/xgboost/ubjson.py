"""UBJSON as XGBoost writes it: a decoder that survives damaged and hostile bytes, and an encoder.

Only the markers XGBoost's own reader and writer know are accepted: objects, untyped and counted arrays, typed number
arrays, strings, integers, floats, booleans and null. Everything else is a `FormatError` naming the byte.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError

MAX_DEPTH = 64
"""XGBoost nests about eight deep; the limit keeps hostile bytes from exhausting Python's stack."""

_OBJECT, _ARRAY, _TEXT, _DOUBLE = b"{[SD"
_INTEGERS = {ord("i"): "b", ord("U"): "B", ord("I"): ">h", ord("l"): ">i", ord("L"): ">q"}
_FLOATS = {ord("d"): ">f", ord("D"): ">d"}
_SCALARS = {code: struct.Struct(form) for code, form in (_INTEGERS | _FLOATS).items()}
_CONSTANTS = {ord("T"): True, ord("F"): False, ord("Z"): None}
_DTYPES: dict[int, np.dtype[Any]] = {
    ord("i"): np.dtype(">i1"),
    ord("U"): np.dtype(">u1"),
    ord("I"): np.dtype(">i2"),
    ord("l"): np.dtype(">i4"),
    ord("L"): np.dtype(">i8"),
    ord("d"): np.dtype(">f4"),
    ord("D"): np.dtype(">f8"),
}
_MARKERS = {dtype: bytes([code]) for code, dtype in _DTYPES.items()}

Path = tuple[str, ...]
Hook = Callable[["Decoder"], Any]


class Decoder:
    """Reads one value at a time from `raw`, starting at `pos`.

    `hooks` maps the keys that lead to a value to a function that reads the value in the decoder's place; it finds
    `pos` at the value's first byte and must leave it behind the last.
    """

    def __init__(self, raw: bytes, *, pos: int = 0, hooks: Mapping[Path, Hook] | None = None) -> None:
        self.raw = raw
        self.pos = pos
        self.hooks = hooks or {}

    def error(self, what: str, *, at: int | None = None) -> FormatError:
        """Return the error to raise for what was found at byte `at` (default: here)."""
        return FormatError(f"not a model XGBoost wrote: {what} at byte {self.pos if at is None else at}")

    def value(self, path: Path = ()) -> Any:
        """Read the value here, whatever it is. Typed arrays come as big-endian, read-only arrays."""
        code = self._marker()
        if code == _OBJECT:
            return self._object(path)
        if code == _ARRAY:
            return self._array(path)
        if code == _TEXT:
            return self._text()
        if code in _SCALARS:
            return self._scalar(code)
        if code in _CONSTANTS:
            return _CONSTANTS[code]
        raise self.error(f"expected a value, found {bytes([code])!r}", at=self.pos - 1)

    def expect(self, token: bytes) -> None:
        """Step over `token`, which must stand here."""
        if not self.raw.startswith(token, self.pos):
            found = self.raw[self.pos : self.pos + len(token)]
            raise self.error(f"expected {token!r}, found {found!r}")
        self.pos += len(token)

    def length(self, *, item_size: int = 1) -> int:
        """Read a count of items, each at least `item_size` bytes long: as many must still fit."""
        start = self.pos
        code = self._marker()
        if code not in _INTEGERS:
            raise self.error(f"expected a length, found {bytes([code])!r}", at=start)
        count = int(self._scalar(code))
        if count < 0 or count * item_size > len(self.raw) - self.pos:
            raise self.error(f"a length of {count} does not fit into the file", at=start)
        return count

    def _marker(self) -> int:
        if self.pos >= len(self.raw):
            raise self.error("the file ends too early")
        self.pos += 1
        return self.raw[self.pos - 1]

    def _scalar(self, code: int) -> Any:
        form = _SCALARS[code]
        if self.pos + form.size > len(self.raw):
            raise self.error("the file ends too early")
        (number,) = form.unpack_from(self.raw, self.pos)
        self.pos += form.size
        return np.float64(number) if code == _DOUBLE else number  # so that the encoder knows it again

    def _text(self) -> str:
        size = self.length()
        self.pos += size
        try:
            return self.raw[self.pos - size : self.pos].decode()
        except UnicodeDecodeError:
            raise self.error("expected UTF-8 text", at=self.pos - size) from None

    def _object(self, path: Path) -> dict[str, Any]:
        self._check_depth(path)
        members: dict[str, Any] = {}
        while True:
            if self.raw[self.pos : self.pos + 1] == b"}":
                self.pos += 1
                return members
            key = self._text()
            inner = (*path, key)
            hook = self.hooks.get(inner)
            members[key] = self.value(inner) if hook is None else hook(self)

    def _array(self, path: Path) -> list[Any] | NDArray[Any]:
        self._check_depth(path)
        head = self.raw[self.pos : self.pos + 1]
        inner = (*path, "[]")
        if head == b"$":
            return self._typed_array()
        if head == b"#":
            self.pos += 1
            return [self.value(inner) for _ in range(self.length())]
        items = []
        while self.raw[self.pos : self.pos + 1] != b"]":
            items.append(self.value(inner))
        self.pos += 1
        return items

    def _typed_array(self) -> NDArray[Any]:
        self.pos += 1
        code = self._marker()
        dtype = _DTYPES.get(code)
        if dtype is None:
            raise self.error(f"expected a type of numbers, found {bytes([code])!r}", at=self.pos - 1)
        self.expect(b"#")
        count = self.length(item_size=dtype.itemsize)
        start = self.pos
        self.pos += count * dtype.itemsize
        return np.frombuffer(self.raw, dtype=dtype, count=count, offset=start)

    def _check_depth(self, path: Path) -> None:
        if len(path) > MAX_DEPTH:
            raise self.error(f"values nested deeper than {MAX_DEPTH}")


def decode(raw: bytes, *, hooks: Mapping[Path, Hook] | None = None) -> Any:
    """Return the one value that `raw` holds. Raise FormatError for anything else."""
    decoder = Decoder(raw, hooks=hooks)
    value = decoder.value()
    if decoder.pos != len(raw):
        raise decoder.error("the model has ended, but the file goes on")
    return value


def encode(value: Any) -> bytes:
    """Return the bytes XGBoost writes for `value`: smallest signed integer, 32-bit floats, counted arrays."""
    parts: list[bytes] = []
    _write(value, parts)
    return b"".join(parts)


def encode_length(count: int) -> bytes:
    """Return a length as XGBoost writes it: always eight bytes wide."""
    return b"L" + count.to_bytes(8, "big")


def encode_int(number: int) -> bytes:
    """Return an integer in the smallest signed type that holds it.

    As in XGBoost, whose limits themselves go one type up.
    """
    for marker, size in ((b"i", 1), (b"I", 2), (b"l", 4)):
        if abs(number) < (1 << (8 * size - 1)) - 1:
            return marker + number.to_bytes(size, "big", signed=True)
    if not -(1 << 63) <= number < 1 << 63:
        raise FormatError(f"{number} does not fit into the 64 bits of a UBJSON integer")
    return b"L" + number.to_bytes(8, "big", signed=True)


def _write(value: Any, parts: list[bytes]) -> None:
    if isinstance(value, dict):
        parts.append(b"{")
        for key, member in value.items():
            parts.append(_bare_text(key))
            _write(member, parts)
        parts.append(b"}")
    elif isinstance(value, np.ndarray):
        dtype = value.dtype.newbyteorder(">")
        parts.append(b"[$" + _MARKERS[dtype] + b"#" + encode_length(len(value)) + value.astype(dtype).tobytes())
    elif isinstance(value, list):
        parts.append(b"[#" + encode_length(len(value)))
        for item in value:
            _write(item, parts)
    else:
        parts.append(_plain(value))


def _plain(value: str | float | None) -> bytes:
    if isinstance(value, str):
        return b"S" + _bare_text(value)
    if value is None or isinstance(value, bool):
        return {None: b"Z", True: b"T", False: b"F"}[value]
    if isinstance(value, int):
        return encode_int(value)
    if isinstance(value, np.float64):
        return b"D" + struct.pack(">d", value)
    try:
        return b"d" + struct.pack(">f", value)
    except OverflowError:
        raise FormatError(f"expected a number of four bytes, got {value!r}") from None


def _bare_text(text: str) -> bytes:
    coded = text.encode()
    return encode_length(len(coded)) + coded
