"""Frozen dataclasses as standard JSON and back, by their annotations alone: numbers, texts, tuples, dicts, dataclasses.

NaN and infinities, which JSON lacks, are written as the strings "NaN", "Infinity" and "-Infinity".
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


def to_plain(value: Any) -> Any:
    """Return a dataclass, and whatever it holds, as dicts, lists, numbers and texts."""
    if isinstance(value, bool | str | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else "NaN" if math.isnan(value) else f"{'-' * (value < 0)}Infinity"
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(v) for v in value]
    return {name: to_plain(getattr(value, name)) for name in _readers(typing.cast("Hashable", type(value)))}


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
