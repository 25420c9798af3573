"""The LightGBM reader against what LightGBM says of its own boosters."""

from __future__ import annotations

import contextlib
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.lightgbm_boosters import CASES, N_ROUNDS, text, train
from treedebug.core.errors import FormatError
from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.lightgbm.lightgbm_reader import facts, join, read
from treedebug.readers.lightgbm.lightgbm_text import check_for_lightgbm


@pytest.mark.parametrize("case", CASES)
def test_nodes_agree_with_dump_model(case: str) -> None:
    booster, _, _ = train(case)
    table = read(text(booster))
    trees = booster.dump_model()["tree_info"]
    assert table.n_trees == len(trees) == booster.num_trees()
    for t, tree in enumerate(trees):
        tree_table = table.select(t, t + 1)
        assert len(tree_table.feature) == 2 * tree["num_leaves"] - 1
        compare(tree_table, 0, 0, tree["tree_structure"], tree["num_leaves"])


def compare(table: TreeTable, position: int, depth: int, node: dict[str, Any], n_leaves: int) -> None:
    """Assert that the node at `position`, and all below it, are those of the dump."""
    assert table.depth[position] == depth
    if "split_index" not in node:
        compare_leaf(table, position, node, n_leaves)
        return
    assert position == node["split_index"]
    assert table.feature[position] == node["split_feature"]
    assert table.split_gain[position] == pytest.approx(node["split_gain"], rel=1e-5)
    assert table.default_left[position] == node["default_left"]
    assert ["None", "Zero", "NaN"][table.missing_type[position]] == node["missing_type"]
    assert table.n_rows[position] == node["internal_count"]
    assert table.sum_hessian[position] == pytest.approx(node["internal_weight"], rel=1e-5)
    assert np.isnan(table.leaf_value[position])
    if node["decision_type"] == "==":
        assert "||".join(map(str, table.categories[position])) == node["threshold"]
        assert np.isnan(table.threshold[position])
    else:
        assert np.clip(table.threshold[position], -1e300, 1e300) == node["threshold"]  # the dump has no infinities
        assert position not in table.categories
    compare(table, int(table.left[position]), depth + 1, node["left_child"], n_leaves)
    compare(table, int(table.right[position]), depth + 1, node["right_child"], n_leaves)


def compare_leaf(table: TreeTable, position: int, node: dict[str, Any], n_leaves: int) -> None:
    """Assert that the leaf at `position` is that of the dump."""
    assert position == n_leaves - 1 + node.get("leaf_index", 0)
    assert (table.feature[position], table.left[position], table.right[position]) == (-1, -1, -1)
    assert table.leaf_value[position] == node["leaf_value"]
    assert np.isnan(table.threshold[position])
    assert table.split_gain[position] == 0
    if n_leaves > 1:
        assert table.n_rows[position] == node["leaf_count"]
        assert table.sum_hessian[position] == node["leaf_weight"]
    if "leaf_const" in node:
        constant, features, coefficients = table.linear[position]
        assert constant == node["leaf_const"]
        assert features.tolist() == node["leaf_features"]
        assert coefficients.tolist() == node["leaf_coeff"]


@pytest.mark.parametrize("case", CASES)
def test_importance_and_depth_agree_with_the_booster(case: str) -> None:
    booster, _, _ = train(case)
    table = read(text(booster))
    split = ~table.is_leaf & (table.split_gain > 0)
    n = booster.num_feature()
    gains = np.bincount(table.feature[split], weights=table.split_gain[split], minlength=n)
    np.testing.assert_allclose(gains, booster.feature_importance("gain"), rtol=1e-5)
    counts = np.bincount(table.feature[split], minlength=n)
    np.testing.assert_array_equal(counts, booster.feature_importance("split"))
    if split.any() or not (~table.is_leaf).any():
        frame = booster.trees_to_dataframe()
        assert sorted(table.depth + 1) == sorted(frame["node_depth"])
        assert len(table.tree_of_node) == len(frame)


@pytest.mark.parametrize("case", CASES)
def test_children_follow_their_parents(case: str) -> None:
    booster, _, _ = train(case)
    table = read(text(booster))
    own = np.arange(len(table.feature)) - table.offsets[table.tree_of_node]
    splits = ~table.is_leaf
    assert (table.left[splits] > own[splits]).all()
    assert (table.right[splits] > own[splits]).all()
    assert (own[table.offsets[:-1]] == 0).all()


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize("case", CASES)
def test_joined_slices_are_the_whole_text(case: str, size: int) -> None:
    booster, _, frame = train(case)
    starts = range(0, booster.current_iteration(), size)
    joined = join([text(booster, start_iteration=i, num_iteration=size) for i in starts])
    assert joined == text(booster)
    again = lgb.Booster(model_str=joined.decode())
    np.testing.assert_array_equal(again.predict(frame), booster.predict(frame))
    assert join([joined]) == joined


def test_join_writes_tree_sizes_of_many_trees_right() -> None:
    booster, codes, _ = train("gbdt")
    joined = join([text(booster)] * 40)
    again = lgb.Booster(model_str=joined.decode())
    assert again.num_trees() == 40 * N_ROUNDS
    np.testing.assert_allclose(again.predict(codes), 40 * booster.predict(codes))
    assert again.model_to_string().encode() == joined


def test_join_refuses_slices_of_different_boosters() -> None:
    with pytest.raises(FormatError, match="expected slices of one booster"):
        join([text(train("gbdt")[0]), text(train("binary")[0])])
    with pytest.raises(FormatError, match="at least one"):
        join([])


def test_a_slice_carries_the_rounds_and_trees_it_is_told() -> None:
    booster, _, _ = train("multiclass")
    table = read(text(booster, start_iteration=2, num_iteration=3), rounds=np.array([12, 13, 15]), first_tree=36)
    assert table.round_index.tolist() == [12] * 3 + [13] * 3 + [15] * 3
    assert table.tree_index.tolist() == list(range(36, 45))
    assert table.class_index.tolist() == [0, 1, 2] * 3
    whole = read(text(booster)).select(6, 15)
    np.testing.assert_array_equal(table.leaf_value, whole.leaf_value)
    with pytest.raises(FormatError, match="of 2 rounds, got one of 3"):
        read(text(booster, start_iteration=2, num_iteration=3), rounds=np.array([1, 2]))


def test_a_slice_without_trees_is_an_empty_table() -> None:
    booster, _, _ = train("gbdt")
    raw = text(booster, start_iteration=N_ROUNDS, num_iteration=1)
    table = read(raw)
    assert (table.n_trees, len(table.feature), table.offsets.tolist()) == (0, 0, [0])
    assert join([raw, text(booster)]) == text(booster)


def test_a_tree_without_a_split_says_what_is_not_recorded() -> None:
    table = read(text(train("no split in rf")[0]))
    assert table.is_leaf.all()
    assert np.isnan(table.sum_hessian).all()
    assert table.n_rows[1] == -1


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("gbdt", {"booster": "gbdt", "objective": "regression", "n_classes": 0, "trees_per_round": 1}),
        ("dart", {"booster": "dart"}),
        ("rf", {"booster": "rf", "average_output": True}),
        ("goss", {"booster": "goss", "average_output": False}),
        ("binary", {"objective": "binary", "objective_params": {"sigmoid": "2"}, "n_classes": 2, "n_outputs": 1}),
        ("multiclass", {"objective_params": {"num_class": "3"}, "n_classes": 3, "n_outputs": 3, "n_trees": 18}),
        ("regression sqrt", {"objective": "regression", "objective_params": {"sqrt": "1"}}),
        ("custom", {"objective": "custom", "objective_params": {}}),
        ("one round", {"n_rounds": 1, "n_trees": 1}),
        ("one feature", {"n_features": 1, "feature_names": ["Column_0"]}),
        ("pandas categories", {"feature_names": ["a_b", "c", "k2", "k3"], "feature_types": ["q", "q", "c", "c"]}),
        ("accented names", {"feature_names": ["crédit_net", "ünïcode", "日本", "Tree=0"]}),
    ],
)
def test_facts(case: str, expected: dict[str, Any]) -> None:
    booster, _, _ = train(case)
    found = facts(text(booster))
    assert {key: getattr(found, key) for key in expected} == expected
    assert (found.library, found.version) == ("lightgbm", "v4")
    assert found.feature_names == booster.feature_name()
    assert found.n_rounds == booster.current_iteration()


def test_params_are_numbers_where_they_can_be() -> None:
    params = facts(text(train("quantile")[0])).params
    assert (params["num_leaves"], params["alpha"], params["objective"]) == (7, 0.8, "quantile")
    assert params["monotone_constraints"] == ""


@pytest.mark.parametrize("case", ["multiclass", "pandas categories", "linear", "no split possible"])
def test_a_truncated_text_is_a_format_error(case: str) -> None:
    raw = text(train(case)[0])
    end = raw.index(b"\nend of parameters")
    for size in range(0, end, max(1, end // 500)):
        for function in (read, facts, lambda part: join([part])):
            with pytest.raises(FormatError, match=r"expected|cut off"):
                function(raw[:size])
    for size in range(end, len(raw)):  # the trees are all there: either whole, or an error
        with contextlib.suppress(FormatError):
            assert facts(raw[:size]).n_trees == read(raw).n_trees


def edited(case: str, old: bytes, new: bytes) -> bytes:
    """The text of the case with one edit, and without the line tree_sizes, which would give the edit away."""
    head, _, rest = text(train(case)[0]).partition(b"tree_sizes=")
    rest = rest.partition(b"\n")[2]
    assert old in rest
    return head + rest.replace(old, new, 1)


@pytest.mark.parametrize(
    ("case", "old", "new", "message"),
    [
        ("gbdt", b"left_child=", b"left_child=99 ", "expected 6 values on 'left_child=' of tree 0, got 7"),
        ("stumps", b"left_child=-1", b"left_child=0", "expected children to be later splits"),
        ("stumps", b"left_child=-1", b"left_child=1", "expected children to be later splits"),
        ("stumps", b"left_child=-1", b"left_child=-3", "expected children to be later splits"),
        ("stumps", b"left_child=-1", b"left_child=-2", "expected every node but the root to have one parent"),
        ("stumps", b"left_child=-1", b"left_child=-99999999999999999999", "expected"),
        ("stumps", b"left_child=-1", b"left_child=x", "expected integers on every line 'left_child='"),
        ("stumps", b"left_child=-1\n", b"", "expected 1 values on 'left_child=' of tree 0, got 0"),
        ("stumps", b"num_leaves=2", b"num_leaves=999999999", "expected 999999998 values"),
        ("stumps", b"num_leaves=2", b"num_leaves=0", "at least 1"),
        ("stumps", b"num_leaves=2", b"num_leaves=-2", "an integer in tree 0, got '-2'"),
        ("stumps", b"num_leaves=2", b"num_leaves=" + b"9" * 5000, "an integer in tree 0"),
        ("stumps", b"num_leaves=2", b"num_leaves=2\nnum_leaves=2", "one line 'num_leaves='"),
        ("stumps", b"split_feature=", b"split_feature=9", "expected feature indices below 4"),
        ("stumps", b"threshold=", b"threshold=abc", "expected numbers on every line 'threshold='"),
        ("stumps", b"decision_type=2", b"decision_type=999", "expected 'decision_type='"),
        ("stumps", b"decision_type=2", b"decision_type=3", "expected a categorical split's threshold"),
        ("stumps", b"Tree=1", b"Tree=7", "expected 'Tree=1'"),
        ("listed categories", b"num_cat=", b"num_cat=9", "on 'cat_boundaries='"),
        ("listed categories", b"cat_boundaries=0", b"cat_boundaries=1", "start at 0 and to rise"),
        ("listed categories", b"cat_boundaries=0 ", b"cat_boundaries=0 -", "start at 0 and to rise"),
        ("listed categories", b"cat_threshold=", b"cat_threshold=-1", "expected 32-bit words"),
        ("linear", b"num_features=0", b"num_features=-1", "expected 'num_features='"),
        ("linear", b"num_features=0", b"num_features=1", "values on 'leaf_features='"),
    ],
)
def test_a_damaged_text_is_a_format_error(case: str, old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(edited(case, old, new))


@pytest.mark.parametrize("raw", [b"", b"tree", b"tree\n", b"{}", b"\x00" * 99, b"tree\nend of trees", b"PK\x03\x04"])
def test_a_foreign_file_is_a_format_error(raw: bytes) -> None:
    for function in (read, facts, lambda part: join([part])):
        with pytest.raises(FormatError, match="expected"):
            function(raw)


def test_tree_sizes_must_match() -> None:
    raw = text(train("gbdt")[0])
    with pytest.raises(FormatError, match="the first to differ in size is tree 0"):
        read(raw.replace(b"shrinkage=1\n", b"shrinkage=1.0\n", 1))
    with pytest.raises(FormatError, match="expected whole rounds of 4 trees, got 6"):
        read(raw.replace(b"num_tree_per_iteration=1", b"num_tree_per_iteration=4"))


@settings(max_examples=300, deadline=None)
@given(
    case=st.sampled_from(["listed categories", "linear", "multiclass", "no split in rf"]),
    place=st.floats(0, 1),
    length=st.integers(0, 30),
    bytes_=st.one_of(st.binary(max_size=8), st.sampled_from([b"-1", b"9" * 30, b"nan", b"\n", b"=", b" ", b"e", b"-"])),
)
def test_any_edit_is_read_or_is_a_format_error(case: str, place: float, length: int, bytes_: bytes) -> None:
    raw = text(train(case)[0])
    stop = raw.index(b"\nparameters")
    at = int(place * stop)
    damaged = raw[:at] + bytes_ + raw[at + length :]
    for part in (damaged, damaged.replace(b"\ntree_sizes=", b"\nx=")):
        for function in (read, facts, lambda part: join([part])):
            with contextlib.suppress(FormatError):
                function(part)


def test_missing_optional_lines_are_absent_numbers() -> None:
    lines = text(train("gbdt")[0]).split(b"\n")
    optional = (b"leaf_weight", b"internal_", b"leaf_count", b"split_gain", b"is_linear", b"num_cat", b"tree_sizes")
    table = read(b"\n".join(line for line in lines if not line.startswith(optional)))
    assert np.isnan(table.sum_hessian).all()
    assert (table.n_rows == -1).all()
    assert (table.split_gain == 0).all()


@pytest.mark.parametrize("case", CASES)
def test_what_lightgbm_writes_is_numbers(case: str) -> None:
    check_for_lightgbm(text(train(case)[0]))


def spoilt_text(number: bytes) -> bytes:
    """A model text with another number among the values of its splits."""
    raw = text(train(next(iter(CASES)))[0])
    start = raw.index(b"internal_value=") + len(b"internal_value=")
    end = min(i for i in (raw.index(b" ", start), raw.index(b"\n", start)) if i > 0)
    sizes = raw.index(b"tree_sizes=") + len(b"tree_sizes=")
    size = int(raw[sizes : raw.index(b" ", sizes)])
    whole = raw[:start] + number + raw[end:]
    longer = size + len(number) - (end - start)
    return whole.replace(b"tree_sizes=%d " % size, b"tree_sizes=%d " % longer, 1)


@pytest.mark.parametrize("number", [b"0.9472L9", b"1_0", b"0x10", b"1.2.3", b"1e5e7", b"--1", b"infinite", b"\t"])
def test_a_line_of_a_tree_that_lightgbm_would_end_the_process_at_is_refused(number: bytes) -> None:
    check_for_lightgbm(spoilt_text(b"-1.5e-07"))
    with pytest.raises(FormatError, match="numbers in tree 0"):
        check_for_lightgbm(spoilt_text(number))


@pytest.mark.parametrize(("old", "new"), [
    (b"[max_depth: -1]", b"[max_d]"), (b"[max_depth: -1]", b"max_depth: -1"),
    (b"end of parameters", b"end of param#ters"),
])  # fmt: skip
def test_parameters_that_lightgbm_would_read_beyond_the_end_of_are_refused(old: bytes, new: bytes) -> None:
    raw = text(train(next(iter(CASES)))[0])
    assert old in raw
    with pytest.raises(FormatError, match="end of parameters"):
        check_for_lightgbm(raw.replace(old, new))


def test_an_empty_line_within_a_tree_ends_it_for_lightgbm_and_is_refused() -> None:
    raw = text(train(next(iter(CASES)))[0])
    moved = raw.replace(b"\nsplit_feature=", b"\n\nsplit_feature=", 1).replace(b"\n\n\n", b"\n\n", 1)
    assert len(moved) == len(raw)
    with pytest.raises(FormatError, match="in tree 0"):
        check_for_lightgbm(moved)


def test_a_long_line_is_looked_at_once() -> None:
    with pytest.raises(FormatError, match="numbers in tree 0"):  # with backtracking this would take minutes
        check_for_lightgbm(spoilt_text(b"1" * 200_000 + b"x"))
