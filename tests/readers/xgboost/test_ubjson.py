"""The UBJSON decoder and encoder, on their own."""

from __future__ import annotations

import contextlib
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treedebug.core.errors import FormatError
from treedebug.readers.xgboost.ubjson import Decoder, decode, encode, encode_int

SIZE = struct.Struct(">q")


def length(n: int) -> bytes:
    return b"L" + SIZE.pack(n)


def single(number: float) -> float:
    return struct.unpack(">f", struct.pack(">f", number))[0]


JSON_LIKE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(width=32, allow_nan=False)
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(JSON_LIKE)
def test_round_trip(value: object) -> None:
    raw = encode(value)
    again = decode(raw)
    assert again == value
    assert encode(again) == raw


@pytest.mark.parametrize(
    ("number", "marker"),
    [(0, b"i"), (126, b"i"), (127, b"I"), (-127, b"I"), (32766, b"I"), (32767, b"l"), (2**31 - 2, b"l"), (2**31, b"L")],
)
def test_integers_take_the_type_xgboost_gives_them(number: int, marker: bytes) -> None:
    assert encode_int(number)[:1] == marker
    assert decode(encode_int(number)) == number


def test_integer_out_of_range() -> None:
    with pytest.raises(FormatError, match="64 bits"):
        encode_int(2**63)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "i4", "i8", "f4", "f8"])
def test_typed_arrays(dtype: str) -> None:
    array = np.array([0, 1, 100], dtype=dtype)
    again = decode(encode({"a": array}))["a"]
    np.testing.assert_array_equal(again, array)
    assert again.dtype == np.dtype(dtype).newbyteorder(">")


def test_unsized_arrays_double_precision_and_nan() -> None:
    assert decode(b"[i\x01i\x02]") == [1, 2]
    assert encode(decode(b"D" + struct.pack(">d", 0.1))) == b"D" + struct.pack(">d", 0.1)
    assert math.isnan(decode(b"d" + struct.pack(">f", math.nan)))


def test_hooks_read_a_value_in_the_decoders_place() -> None:
    seen = []

    def hook(decoder: Decoder) -> str:
        seen.append(decoder.pos)
        decoder.value()
        return "hooked"

    raw = encode({"a": {"b": 1}, "b": 2})
    assert decode(raw, hooks={("a", "b"): hook}) == {"a": {"b": "hooked"}, "b": 2}
    assert len(seen) == 1


HOSTILE = {
    "nothing": b"",
    "unknown marker": b"Q",
    "no value after the key": b"{" + length(1) + b"a",
    "open object": b"{",
    "open array": b"[",
    "open list of a count": b"[#" + length(3) + b"i\x01",
    "text longer than the file": b"S" + length(2**62) + b"abc",
    "negative text": b"S" + length(-1),
    "text that is not UTF-8": b"S" + length(1) + b"\xff",
    "length of a wrong type": b"Sd\0\0\0\0",
    "array longer than the file": b"[#" + length(2**62),
    "typed array longer than the file": b"[$d#" + length(2**60) + b"\0" * 64,
    "typed array without bytes": b"[$Z#" + length(2**40),
    "typed array of objects": b"[${#" + length(1),
    "typed array without a count": b"[$d]",
    "nested arrays": b"[" * 100_000,
    "nested counted arrays": (b"[#" + length(1)) * 5_000,
    "nested objects": (b"{" + length(1) + b"a") * 50_000,
    "more after the end": b"i\x01i\x02",
    "cut number": b"l\0\0",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile(raw: bytes) -> None:
    with pytest.raises(FormatError, match=r"at byte \d+"):
        decode(raw)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60) | st.lists(st.sampled_from([b"[", b"{", b"#", b"$", b"L", b"d", length(2)])).map(b"".join)
)
def test_any_bytes_decode_or_are_refused(raw: bytes) -> None:
    with contextlib.suppress(FormatError):
        decode(raw)


def test_a_number_that_four_bytes_cannot_hold_is_refused() -> None:
    with pytest.raises(FormatError, match="four bytes"):
        encode({"weight": 1e300})
