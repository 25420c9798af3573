"""Mutations: bytes, text, JSON and frames, changed as accidents and enemies change them. All by the dice given."""

from __future__ import annotations

import copy
import json
import random
import re
import struct
from collections.abc import Callable
from typing import Any

from _hardening.frames import Frame, frame, join, split

NUMBERS = (
    0, 1, -1, 2, 7, 127, 128, 255, 256, 32767, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1,
    2**63, -(2**31), -(2**63), 10**8, 10**9, 10**18, 10**30,
)  # fmt: skip
WORDS = (
    b"nan", b"inf", b"-inf", b"1e308", b"1e-320", b"1e400", b"", b"0x10", b"1_000", b"00", b"-0", b"+1", b"1.5",
    b"null", b"[]", b"{}", b'""', b"\xd9\xa3", b"\xff", b"\0", b" ", b"\x1b[31m", b"::error::x",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, "", "x", "payload", "1e9", "nan", [], {}, [[]], [None], {"a": 1}, 0.5, -1.5, 1e308, float("nan"),
    float("inf"), *NUMBERS, "a" * 300, [0] * 50, "\u202e\x1b[31m", "\ud800",
)  # fmt: skip
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_LONG = re.compile(rb"SL(.{8})(-?\d[\d.eE+-]*)", re.DOTALL)


def any_bytes(data: bytes, dice: random.Random) -> bytes:
    """One to four changes to raw bytes."""
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        data = dice.choice(_RAW)(data, dice) if data else dice.randbytes(8)
    return data


def text(data: bytes, dice: random.Random) -> bytes:
    """One to four changes to a text of lines and numbers."""
    for _ in range(dice.choice((1, 1, 2, 4))):
        data = dice.choice((_number, _number, _line, _value_of_line, *_RAW[:3]))(data, dice) if data else b"\n"
    return data


def ubjson(data: bytes, dice: random.Random) -> bytes:
    """A number written as text put another way (its length mended), or raw bytes."""
    found = list(_LONG.finditer(data))
    if not found or dice.random() < 0.6:
        return any_bytes(data, dice)
    match = dice.choice(found)
    new = _some_number(dice)
    return data[: match.start()] + b"SL" + struct.pack(">q", len(new)) + new + data[match.end() :]


def json_text(data: bytes, dice: random.Random) -> bytes:
    """A node of the JSON replaced, dropped, doubled or renamed; or, one time in four, its text changed."""
    if dice.random() < 0.25:
        return text(data, dice)
    return dumped(tree(json.loads(data), dice))


def dumped(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("utf-8", "surrogatepass")


def tree(value: Any, dice: random.Random) -> Any:
    """One or two nodes of nested dicts and lists changed; changes `value` itself."""
    for _ in range(dice.choice((1, 1, 2))):
        nodes = list(_nodes(value))
        if not nodes:
            return _value(dice)
        holder, key = dice.choice(nodes)
        if (isinstance(holder, list) and key >= len(holder)) or (isinstance(holder, dict) and key not in holder):
            continue
        _change(holder, key, dice)
    return value


def _nodes(value: Any) -> Any:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _nodes(inner)


def _change(holder: Any, key: Any, dice: random.Random) -> None:
    what = dice.random()
    old = holder[key]
    if what < 0.6:
        holder[key] = _like(old, dice) if dice.random() < 0.5 else _value(dice)
    elif what < 0.75:
        del holder[key]
    elif what < 0.85 and isinstance(holder, dict):
        holder[f"{key}_"] = holder.pop(key)
    elif isinstance(old, list):
        holder[key] = old * 2 if dice.random() < 0.5 else old[: len(old) // 2]
    else:
        holder[key] = {"nested": old} if dice.random() < 0.5 else [old]


def _value(dice: random.Random) -> Any:
    """One of VALUES, not shared: what is changed in it later is changed in this input alone."""
    return copy.deepcopy(dice.choice(VALUES))


def _like(old: Any, dice: random.Random) -> Any:
    """Another value of the same type."""
    if isinstance(old, bool):
        return not old
    if isinstance(old, int):
        return dice.choice((old + 1, old - 1, -old, *NUMBERS))
    if isinstance(old, float):
        return dice.choice((-old, old * 1e30, float("nan"), float("inf"), 0.0))
    if isinstance(old, str):
        return dice.choice((old + "x", old[:-1], _some_number(dice).decode("utf-8", "replace"), old * 40))
    return _value(dice)


def run_bytes(data: bytes, dice: random.Random) -> bytes:
    """A record file changed without regard for its checksums."""
    return any_bytes(data, dice)


def run_frames(data: bytes, dice: random.Random, models: list[bytes]) -> bytes:
    """Frames changed, and their checksums mended: the change reaches what decodes them."""
    frames = split(data)
    for _ in range(dice.choice((1, 1, 2, 3))):
        at = dice.randrange(len(frames))
        dice.choice(_OF_FRAMES)(frames, at, dice, models)
        if not frames:
            break
    return join(frames)


def _fields(frames: list[Frame], at: int, dice: random.Random, _: list[bytes]) -> None:
    try:
        entry = frames[at].entry
    except ValueError:  # changed before, and no longer JSON
        entry = {"kind": "note", "fields": {}}
    frames[at].text = dumped(tree(entry, dice)).replace(b'{"fields"', b'{"kind":"note","fields"', 1)


def _json_bytes(frames: list[Frame], at: int, dice: random.Random, _: list[bytes]) -> None:
    frames[at].text = text(frames[at].text, dice)


def _blob(frames: list[Frame], at: int, dice: random.Random, models: list[bytes]) -> None:
    blob = frames[at].blob
    if blob[:1] == b"{" and b"learner" in blob:
        blob = dice.choice(models) if dice.random() < 0.1 else ubjson(blob, dice)
    elif blob[:4] == b"tree":
        blob = dice.choice(models) if dice.random() < 0.1 else text(blob, dice)
    elif blob and len(blob) % 8 == 0 and dice.random() < 0.6:
        blob = _eight(blob, dice)
    else:
        blob = any_bytes(blob, dice)
    frames[at].blob = blob


def _order(frames: list[Frame], at: int, dice: random.Random, _: list[bytes]) -> None:
    what = dice.randrange(3)
    if what == 0:
        del frames[at]
    elif what == 1:
        frames.insert(dice.randrange(len(frames) + 1), frames[at])
    else:
        frames.insert(dice.randrange(len(frames)), frames.pop(at))


def _new(frames: list[Frame], at: int, dice: random.Random, _: list[bytes]) -> None:
    frames.insert(at, frame("rewind", {"n_rounds": dice.choice(VALUES)}))


_OF_FRAMES = (_fields, _fields, _fields, _fields, _json_bytes, _blob, _blob, _blob, _order, _new)


# -- raw bytes ---------------------------------------------------------------------------------------------------------


def _flip(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]


def _byte(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + bytes([dice.choice((0, 1, 127, 128, 255, 0x5B, 0x7B, 0x23, 0x24, 0x4C))]) + data[at + 1 :]


def _drop(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + data[at + dice.choice((1, 2, 8, 64)) :]


def _insert(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    new = dice.choice((dice.randbytes(1), dice.randbytes(8), dice.choice(WORDS), b"\0" * 16))
    return data[:at] + new + data[at:]


def _double(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    size = dice.choice((4, 32, 256))
    return data[: at + size] + data[at:]


def _cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def _integer(data: bytes, dice: random.Random) -> bytes:
    code = dice.choice((">i", "<i", ">q", "<q", ">h", ">f", "<d"))
    value = dice.choice(NUMBERS)
    low, high = {"i": (-(2**31), 2**31 - 1), "q": (-(2**63), 2**63 - 1), "h": (-(2**15), 2**15 - 1)}.get(
        code[1], (value, value)
    )
    new = struct.pack(code, min(max(value, low), high))
    at = dice.randrange(len(data))
    return data[:at] + new + data[at + len(new) :]


def _eight(data: bytes, dice: random.Random) -> bytes:
    """One double or integer of a matrix."""
    at = 8 * dice.randrange(len(data) // 8)
    as_float = struct.pack("<d", dice.choice((float("nan"), float("inf"), -1e308, 1e300, 1e8, -1.0, 5e-324)))
    as_int = struct.pack("<q", min(max(dice.choice(NUMBERS), -(2**63)), 2**63 - 1))
    return data[:at] + dice.choice((as_float, as_int)) + data[at + 8 :]


_RAW: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _byte, _drop, _insert, _double, _cut, _integer, _integer,
)  # fmt: skip


# -- text --------------------------------------------------------------------------------------------------------------


def _some_number(dice: random.Random) -> bytes:
    return dice.choice((str(dice.choice(NUMBERS)).encode(), dice.choice(WORDS)))


def _number(data: bytes, dice: random.Random) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return _flip(data, dice)
    match = dice.choice(found)
    return data[: match.start()] + _some_number(dice) + data[match.end() :]


def _line(data: bytes, dice: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = dice.randrange(len(lines))
    what = dice.randrange(3)
    if what == 0:
        del lines[at]
    elif what == 1:
        lines.insert(at, lines[at])
    else:
        lines.insert(dice.randrange(len(lines)), lines.pop(at))
    return b"\n".join(lines)


def _value_of_line(data: bytes, dice: random.Random) -> bytes:
    """`key=1 2 3`: a value too many, one too few, none, another key."""
    lines = data.split(b"\n")
    at = dice.randrange(len(lines))
    key, equals, values = lines[at].partition(b"=")
    words = values.split(b" ")
    new = dice.choice((words[:-1], [*words, words[-1]], [], [_some_number(dice)] * max(len(words), 1)))
    lines[at] = (key if dice.random() < 0.9 else key + b"_") + equals + b" ".join(new)
    return b"\n".join(lines)
