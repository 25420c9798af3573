"""One function makes data plain: what a live run holds is what a loaded one does."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
from decimal import Decimal
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treedebug.core.plain_json import plain
from treedebug.core.run.records import Record
from treedebug.store.file_format import decode_json, encode_json


class Color(enum.IntEnum):
    RED = 1


class Text(str):
    __slots__ = ()


class Big(int):
    """An integer that Python refuses to write out."""

    def __new__(cls):
        return int.__new__(cls, 10**5000)

    def __repr__(self):
        return "Big()"


class Odd:
    def __str__(self) -> str:
        raise RuntimeError("no text")


@dataclasses.dataclass
class Point:
    x: float
    where: object


NUMPY = st.one_of(
    st.floats(width=32).map(np.float32),
    st.integers(-(2**31), 2**31 - 1).map(np.int64),
    st.booleans().map(np.bool_),
    st.lists(st.floats(), max_size=4).map(np.array),
    st.just(np.longdouble(0.1)),
    st.just(np.datetime64("2026-01-01")),
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.text().map(Text), NUMPY, st.binary(max_size=4),
    st.just(Color.RED), st.just(Odd()), st.just(object()), st.just(len), st.just(Odd), st.just(Path("a")),
    st.just(Decimal("0.1")), st.builds(Big), st.complex_numbers(),
)  # fmt: skip
KEYS = st.one_of(st.text(max_size=5), st.integers(), st.floats(), st.booleans(), st.none(), st.just(Color.RED))
HASHABLE = st.one_of(st.integers(), st.text(max_size=5), st.floats(), st.none())
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
        st.frozensets(HASHABLE, max_size=4),
        st.builds(Point, st.floats(), inner),
    ),
    max_leaves=12,
)


def same(one, other):
    """Equal, of the very same types, NaN equal to NaN."""
    return repr(one) == repr(other)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(VALUES)
def test_what_is_recorded_is_what_is_loaded(value):
    live = plain(value)
    assert same(json.loads(json.dumps(live)), live)
    assert same(plain(live), live)
    kind, fields, _ = decode_json(encode_json(Record("header", {"value": value})))
    assert kind == "header"
    assert same(fields["value"], live)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(VALUES)
def test_standard_json_holds_it_too(value):
    live = plain(value, standard=True)
    assert same(json.loads(json.dumps(live, allow_nan=False)), live)


def test_sets_have_one_order():
    assert plain({"b", "a", "c"}) == plain(frozenset("cab")) == ["a", "b", "c"]


def test_unknown_objects_have_no_address():
    assert plain(object()) == "<object>"
    assert plain(Odd()) == "<Odd>"
    assert plain(len) == "<len>"
    assert plain(mock.MagicMock.mro) == "<type.mro>" or "mro" in plain(mock.MagicMock.mro)


def test_what_never_ends_is_cut():
    ring: list = []
    ring.append(ring)
    assert len(json.dumps(plain(ring))) < 2000
    assert isinstance(plain(mock.MagicMock()), str | list | dict)


@pytest.mark.parametrize(("number", "text"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")])
def test_numbers_that_json_lacks(number, text):
    assert plain({"x": [number]}, standard=True) == {"x": [text]}
    assert same(plain({"x": [number]}), {"x": [number]})
