"""The XGBoost reader on damaged, edited and foreign files: FormatError or a valid table, nothing else."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.xgboost_boosters import X, case, margins_of, raw_of
from treedebug.core.errors import FormatError, NotRecordedError
from treedebug.readers.xgboost import xgboost_reader as reader


def edited(change: Callable[[dict[str, Any]], None], *, name: str = "hist") -> bytes:
    """The model with its first tree changed, as JSON."""
    top = json.loads(raw_of(name, "json"))
    change(top["learner"]["gradient_booster"]["model"]["trees"][0])
    return json.dumps(top).encode()


def test_children_before_their_parents_are_put_in_order() -> None:
    def swap(tree: dict[str, Any]) -> None:  # nodes 1 and 3 change places: 3 was a child of 1
        for key in ("left_children", "right_children", "parents"):
            tree[key] = [{1: 3, 3: 1}.get(child, child) for child in tree[key]]
        for values in tree.values():
            if isinstance(values, list) and len(values) > 3:
                values[1], values[3] = values[3], values[1]

    before = json.loads(raw_of("hist", "json"))["learner"]["gradient_booster"]["model"]["trees"][0]
    assert before["left_children"][1] == 3
    table = reader.read(edited(swap))
    own = np.arange(len(table.left)) - np.repeat(table.offsets[:-1], np.diff(table.offsets))
    assert (table.left[~table.is_leaf] > own[~table.is_leaf]).all()
    facts = reader.facts(raw_of("hist"))
    np.testing.assert_allclose(margins_of(table, X, facts.base_margin), case("hist").margins, rtol=2e-5, atol=2e-5)


BAD_TREES: dict[str, Callable[[dict[str, Any]], None]] = {
    "circle": lambda tree: tree["left_children"].__setitem__(1, 1),
    "two parents": lambda tree: tree["right_children"].__setitem__(0, 1),
    "back to the root": lambda tree: tree["left_children"].__setitem__(1, 0),
    "another's child": lambda tree: tree["parents"].__setitem__(4, 2**24 + 1),
    "a root with a parent": lambda tree: tree["parents"].__setitem__(0, 1),
    "child outside": lambda tree: tree["left_children"].__setitem__(0, 10**6),
    "no such feature": lambda tree: tree["split_indices"].__setitem__(0, 99),
    "short column": lambda tree: tree["sum_hessian"].pop(),
    "text column": lambda tree: tree.__setitem__("sum_hessian", ["x"] * 15),
    "ragged column": lambda tree: tree["sum_hessian"].__setitem__(0, [1, 2]),
    "missing column": lambda tree: tree.pop("split_conditions"),
    "no nodes": lambda tree: tree.update({k: [] for k, v in tree.items() if isinstance(v, list)}),
    "too big": lambda tree: tree["left_children"].__setitem__(0, 10**30),
    "wide vectors": lambda tree: tree["tree_param"].__setitem__("size_leaf_vector", str(10**12)),
    "categories outside": lambda tree: tree.update(
        {"categories_nodes": [0], "categories_segments": [5], "categories_sizes": [9], "categories": [1]}
    ),
}


@pytest.mark.parametrize("change", BAD_TREES.values(), ids=BAD_TREES.keys())
def test_bad_trees(change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(FormatError):
        reader.read(edited(change))


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"{}", b"[]", b"null", b"binf\0\0", b"tree\nversion=v4", b'{"learner":{}}', b'{"a":' * 10**5]
)
def test_foreign_files(raw: bytes) -> None:
    for call in (reader.read, reader.facts, reader.dart_weights, lambda r: reader.join([r])):
        with pytest.raises(FormatError):
            call(raw)


def attempt(raw: bytes) -> None:
    for call in (reader.read, reader.facts, reader.dart_weights, lambda r: reader.join([r])):
        with contextlib.suppress(FormatError, NotRecordedError):
            call(raw)


HOSTILE_CASES = ("softprob", "dart", "categories, partition", "vector leaves", "exact pruned")


@pytest.mark.parametrize("name", HOSTILE_CASES)
@pytest.mark.parametrize("fmt", ["ubj", "json"])
def test_truncated_files_are_refused(name: str, fmt: str) -> None:
    raw = raw_of(name, fmt)
    for stop in range(1, len(raw), max(1, len(raw) // 60)):
        with pytest.raises(FormatError):
            reader.read(raw[:stop])
        attempt(raw[:stop])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_flipped_bytes_are_read_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(HOSTILE_CASES))
    raw = bytearray(raw_of(name, data.draw(st.sampled_from(["ubj", "ubj", "json"]))))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    attempt(bytes(raw))


def with_model(change: Callable[[dict[str, Any]], None]) -> bytes:
    top = json.loads(raw_of("hist", "json"))
    change(top["learner"])
    return json.dumps(top).encode()


NUMBERS: dict[str, Callable[[dict[str, Any]], None]] = {
    "tree_param is a number": lambda m: m["gradient_booster"]["model"]["trees"][0].__setitem__("tree_param", 5),
    "a tree is a list": lambda m: m["gradient_booster"]["model"]["trees"].__setitem__(0, []),
    "classes are not numbers": lambda m: m["gradient_booster"]["model"]["tree_info"].__setitem__(0, float("nan")),
    "iterations are endless": lambda m: m["gradient_booster"]["model"]["iteration_indptr"].__setitem__(0, 1e300),
    "columns are no lists": lambda m: m["gradient_booster"]["model"]["trees"][0].__setitem__("left_children", 5),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", NUMBERS)
def test_odd_numbers_are_format_errors_without_a_warning(name: str) -> None:
    with pytest.raises(FormatError):
        reader.read(with_model(NUMBERS[name]))


@pytest.mark.filterwarnings("error")
def test_a_base_score_beyond_single_precision_warns_of_nothing() -> None:
    assert np.isinf(reader.base_margin("[1E300]", objective="reg:squarederror", n_outputs=1)).all()
