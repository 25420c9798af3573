"""Parts: names, and the prefix that a reader sees."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treedebug.store.remote.parts import Part, chain, parts_of


def sizes(*parts):
    return {part.name: part.length for part in parts}


def test_names_say_what_they_hold():
    part = Part(3, 1200, 512)
    assert part.name == "records.treedebug.part-00000003-1200-512"
    assert parts_of(sizes(part)) == [part]


def test_a_part_that_is_not_whole_does_not_count():
    part = Part(0, 0, 10)
    assert parts_of({part.name: 9}) == []
    assert parts_of({"records.treedebug": 5, "records.treedebug.part-x": 3, part.name + "0": 10}) == []


def test_nothing_after_a_gap():
    assert chain([Part(0, 0, 5), Part(2, 9, 5)]) == [Part(0, 0, 5)]
    assert chain([Part(1, 5, 5)]) == []
    assert chain([Part(0, 0, 5), Part(1, 5, 4)], 5) == [Part(1, 5, 4)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), max_size=12), st.booleans())
def test_any_order_any_missing_gives_a_prefix(lengths, backwards):
    whole, at = [], 0
    for number, (length, _) in enumerate(lengths):
        whole.append(Part(number, at, length))
        at += length
    here = [part for part, (_, is_here) in zip(whole, lengths, strict=True) if is_here]
    found = chain(parts_of(sizes(*(reversed(here) if backwards else here))))
    assert found == whole[: len(found)]
    assert len(found) == len(whole) or whole[len(found)] not in here
