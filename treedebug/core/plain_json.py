"""Plain data: anything as JSON would give it back, and frozen dataclasses as standard JSON and back again.

Dataclasses are read by their annotations alone: numbers, texts, tuples, dicts, dataclasses.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Self, TypeVar

T = TypeVar("T")


_DEEPEST = 50
_MOST_BITS = 4096  # Python refuses to write out integers of more than about 14,000
_LONGEST = 1000


def plain(value: Any, *, standard: bool = False) -> Any:
    """Return the value as JSON would give it back: None, bool, int, float, str, lists, dicts with text keys.

    Arrays, tuples and sets become lists (sets in the order of their `repr`), dataclasses dicts, callables their name in
    angle brackets, anything else its text, or its type where the text would be an address. NaN and infinities stay
    floats, or become the texts "NaN", "Infinity" and "-Infinity" where `standard` JSON is asked for.
    """
    return _plain(value, 0, standard=standard)


def _plain(value: Any, depth: int, *, standard: bool) -> Any:
    if value is None or isinstance(value, bool | str | int | float):
        return _scalar(value, standard=standard)
    if depth == _DEEPEST:
        return _text(value)
    try:
        parts = _parts(value)
        if isinstance(parts, dict):
            return {str(k): _plain(v, depth + 1, standard=standard) for k, v in parts.items()}
        if isinstance(parts, list):
            return [_plain(v, depth + 1, standard=standard) for v in parts]
        return _text(value) if parts is value else _plain(parts, depth + 1, standard=standard)
    except Exception:  # noqa: BLE001 - a user's class in the parameters must not cost the record
        return _text(value)


def _scalar(value: bool | str | float | None, *, standard: bool) -> Any:  # noqa: FBT001 - a value, not a flag
    """Return the value as the type that JSON gives back, whatever class of it the value is of."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value) if value.bit_length() <= _MOST_BITS else hex(value)[:_LONGEST]
    number = float(value)
    if not standard or math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else f"{'-' * (number < 0)}Infinity"


def _parts(value: Any) -> Any:
    """Return what the value consists of, a dict or a list; of numpy's and the like what it stands for; else itself."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if hasattr(value, "tolist") and not isinstance(value, type):
        listed = value.tolist()
        return value if type(listed) is type(value) else listed
    return value


def _text(value: Any) -> str:
    try:
        kind = type(value)
        name = getattr(value, "__qualname__", None)
        if isinstance(name, str):
            return f"<{name}>"
        if not any("__str__" in k.__dict__ or "__repr__" in k.__dict__ for k in kind.__mro__[:-1]):
            return f"<{kind.__name__}>"
        return str.__str__(str(value)[:_LONGEST])
    except Exception:  # noqa: BLE001 - the same
        return f"<{type(value).__name__}>"


def to_plain(value: Any) -> Any:
    """Return a dataclass, and whatever it holds, as data for standard JSON."""
    return plain(value, standard=True)


def from_plain(kind: type[T], data: Mapping[str, Any]) -> T:
    """Read back what `to_plain` wrote; fields that a newer writer added are left out.

    Raise TypeError or ValueError for data of another shape.
    """
    if not isinstance(data, Mapping):
        raise TypeError(f"expected the fields of a {kind.__name__}, got {data!r}")
    return kind(
        **{name: read(data[name]) for name, read in _readers(typing.cast("Hashable", kind)).items() if name in data}
    )


def to_json(value: Any) -> str:
    """Return the standard JSON."""
    return json.dumps(to_plain(value), allow_nan=False, separators=(",", ":"))


@functools.cache
def _readers(kind: Hashable) -> dict[str, Callable[[Any], Any]]:
    hints = typing.get_type_hints(kind)
    return {f.name: _reader(hints[f.name]) for f in dataclasses.fields(typing.cast("Any", kind))}


def _reader(hint: Any) -> Callable[[Any], Any]:
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        read = _reader(next(k for k in inside if k is not type(None)))
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        if len(inside) == 2 and inside[1] is Ellipsis:  # tuple[x, ...]
            read = _reader(inside[0])
            return lambda value: tuple(map(read, value))
        reads = [_reader(k) for k in inside]
        return lambda value: tuple(read(v) for read, v in zip(reads, value, strict=True))
    if origin is dict:
        read = _reader(inside[1])
        return lambda value: {k: read(v) for k, v in value.items()}
    if dataclasses.is_dataclass(hint):
        return functools.partial(from_plain, typing.cast("type", hint))
    return {float: float, int: int, str: str, bool: bool}.get(hint, lambda value: value)


class Plain:
    """Mixin of dataclasses that are written and read back."""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-able data; `from_dict` is its inverse."""
        return dict(to_plain(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_dict` wrote. Raise TypeError or ValueError for anything else."""
        return from_plain(cls, data)

    def to_json(self) -> str:
        """Return the standard JSON; `from_json` is its inverse."""
        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read back what `to_json` wrote. Raise TypeError or ValueError for anything else."""
        return cls.from_dict(json.loads(text))
