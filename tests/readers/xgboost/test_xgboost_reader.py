"""The XGBoost reader against XGBoost: every kind of small booster, exact agreement."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.readers.xgboost_boosters import (
    CLEAN,
    SIGNAL,
    assert_same,
    case,
    dumped_nodes,
    every_case,
    margins_of,
    raw_of,
    table_of,
    xgb,
)
from treedebug.core.errors import FormatError, NotRecordedError
from treedebug.readers.xgboost import xgboost_reader as reader
from treedebug.readers.xgboost.ubjson import decode, encode
from treedebug.readers.xgboost.xgboost_scan import Forest


@every_case
def test_table_keeps_its_contract(name: str) -> None:
    table = table_of(name)
    first = np.repeat(table.offsets[:-1], np.diff(table.offsets))
    own = np.arange(len(table.feature)) - first
    leaf = table.is_leaf
    assert table.library == "xgboost"
    assert (table.depth[table.offsets[:-1]] == 0).all()
    assert (table.left[leaf] == -1).all()
    assert (table.right[leaf] == -1).all()
    assert (table.left[~leaf] > own[~leaf]).all()
    assert (table.right[~leaf] > own[~leaf]).all()
    for child in (table.left, table.right):
        np.testing.assert_array_equal(table.depth[(first + child)[~leaf]], table.depth[~leaf] + 1)
    assert (table.split_gain[leaf] == 0).all()
    assert not table.default_left[leaf].any()
    assert np.isnan(table.leaf_value[~leaf]).all()
    assert np.isnan(table.threshold[leaf]).all()
    assert set(table.categories) == set(np.flatnonzero(~leaf & np.isnan(table.threshold)))
    assert (table.missing_type == 2).all()
    assert (table.n_rows == -1).all()
    assert np.bincount(table.tree_of_node, minlength=table.n_trees).tolist() == np.diff(table.offsets).tolist()
    if table.leaf_vectors is None:
        assert np.isfinite(table.leaf_value[leaf]).all()
    else:
        assert np.isnan(table.leaf_value).all()
        assert np.isfinite(table.leaf_vectors[leaf]).all()


@every_case
def test_agrees_with_the_dump(name: str) -> None:
    if not case(name).dump:
        pytest.skip("XGBoost cannot dump vector leaves with statistics")
    booster, table = case(name).booster, table_of(name)
    trees = dumped_nodes(booster)
    assert len(trees) == table.n_trees
    names = booster.feature_names or [f"f{i}" for i in range(booster.num_features())]
    for t, nodes in enumerate(trees):
        tree = table.select(t, t + 1)
        assert len(nodes) == len(tree.feature)
        ids = {node["nodeid"]: i for i, node in enumerate(nodes)}
        for i, node in enumerate(nodes):
            assert np.float32(node["cover"]) == np.float32(tree.sum_hessian[i])
            if "leaf" in node:
                assert tree.is_leaf[i]
                assert np.float32(node["leaf"]) == np.float32(tree.leaf_value[i])
                continue
            assert node["split"] == names[tree.feature[i]]
            assert node["depth"] == tree.depth[i]
            assert np.float32(node["gain"]) == np.float32(tree.split_gain[i])
            assert [tree.left[i], tree.right[i]] == [ids[node["yes"]], ids[node["no"]]][
                :: -1 if i in tree.categories else 1
            ]
            assert (ids[node["missing"]] == tree.left[i]) == tree.default_left[i]
            if i in tree.categories:  # the dump's "yes" is "in the set", which goes right
                assert sorted(node["split_condition"]) == sorted(tree.categories[i].tolist())
            else:
                assert np.float32(node["split_condition"]) == np.float32(tree.threshold[i])


@every_case
def test_agrees_with_the_data_frame(name: str) -> None:
    booster, table = case(name).booster, table_of(name)
    try:
        frame = booster.trees_to_dataframe()
    except Exception as error:  # the library raises for categories and vector leaves
        pytest.skip(f"trees_to_dataframe: {error}")
    frame = frame.sort_values(["Tree", "Node"])
    np.testing.assert_array_equal(frame.Tree, table.tree_of_node)
    np.testing.assert_array_equal(frame.Feature == "Leaf", table.is_leaf)
    np.testing.assert_array_equal(frame.Cover.astype("f4"), table.sum_hessian.astype("f4"))
    gain = np.where(table.is_leaf, table.leaf_value, table.split_gain)  # one column for both in the frame
    np.testing.assert_array_equal(frame.Gain.astype("f4"), gain.astype("f4"))


@every_case
def test_agrees_with_importance(name: str) -> None:
    booster, table = case(name).booster, table_of(name)
    names = booster.feature_names or [f"f{i}" for i in range(booster.num_features())]
    split = ~table.is_leaf
    feature = table.feature[split]
    n_splits = np.bincount(feature, minlength=len(names))
    gain = np.bincount(feature, weights=table.split_gain[split], minlength=len(names))
    cover = np.bincount(feature, weights=table.sum_hessian[split], minlength=len(names))
    with np.errstate(all="ignore"):
        ours = {
            "weight": n_splits,
            "total_gain": gain,
            "gain": gain / n_splits,
            "total_cover": cover,
            "cover": cover / n_splits,
        }
    try:
        booster.get_score(importance_type="total_gain")
    except Exception as error:
        pytest.skip(f"get_score: {error}")
    for kind, values in ours.items():
        theirs = booster.get_score(importance_type=kind)
        assert theirs.keys() == {names[i] for i in np.flatnonzero(n_splits)}
        for key, value in theirs.items():  # the library sums in float32, we in float64
            assert value == pytest.approx(values[names.index(key)], rel=1e-5 if kind != "weight" else 0)


@every_case
def test_leaves_and_base_margin_add_up_to_the_predictions(name: str) -> None:
    _, _, features, margins, _ = case(name)
    facts = reader.facts(raw_of(name))
    assert facts.n_outputs == margins.shape[1] == len(facts.base_margin)
    ours = margins_of(table_of(name), features, facts.base_margin)
    np.testing.assert_allclose(ours, margins, rtol=2e-5, atol=2e-5)  # float32 sums in the library


@every_case
def test_json_and_ubjson_are_the_same(name: str) -> None:
    json_raw = raw_of(name, "json")
    assert_same(reader.read(json_raw), table_of(name))
    a, b = reader.facts(json_raw), reader.facts(raw_of(name))
    np.testing.assert_array_equal(a.base_margin, b.base_margin)
    fields = vars(a).keys() - {"base_margin"}
    assert {key: getattr(a, key) for key in fields} == {key: getattr(b, key) for key in fields}
    np.testing.assert_array_equal(reader.dart_weights(json_raw), reader.dart_weights(raw_of(name)))


@every_case
def test_facts(name: str) -> None:
    booster, table, facts = case(name).booster, table_of(name), reader.facts(raw_of(name))
    assert facts.n_rounds == booster.num_boosted_rounds() == len(np.unique(table.round_index))
    assert facts.n_trees == table.n_trees == facts.n_rounds * facts.trees_per_round
    assert facts.n_features == booster.num_features()
    assert facts.feature_names == (booster.feature_names or [])
    assert facts.feature_types == (booster.feature_types or [])
    assert facts.version == xgb.__version__
    assert facts.objective == json.loads(raw_of(name, "json"))["learner"]["objective"]["name"]
    assert facts.booster == ("dart" if "dart" in name else "gbtree")
    np.testing.assert_array_equal(table.weight, reader.dart_weights(raw_of(name)))


@every_case
def test_encoder_writes_what_xgboost_wrote(name: str) -> None:
    assert encode(decode(raw_of(name))) == raw_of(name)


@every_case
def test_fast_path_agrees_with_the_generic_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = table_of(name)
    monkeypatch.setattr(Forest, "_fast", lambda self, decoder: False)
    assert_same(reader.read(raw_of(name)), expected)


def test_gblinear_has_no_trees() -> None:
    booster = xgb.train({"booster": "gblinear"}, xgb.DMatrix(CLEAN, SIGNAL), 3)
    for fmt in ("ubj", "json"):
        raw = bytes(booster.save_raw(fmt))
        with pytest.raises(NotRecordedError, match="gblinear"):
            reader.read(raw)
        facts = reader.facts(raw)
        assert (facts.booster, facts.n_rounds, facts.n_trees) == ("gblinear", 3, 0)
    with pytest.raises(FormatError, match="gblinear"):
        reader.join([bytes(booster.save_raw("ubj"))])


def test_no_rounds() -> None:
    booster = xgb.train({}, xgb.DMatrix(CLEAN, SIGNAL), 0)
    raw = bytes(booster.save_raw("ubj"))
    assert reader.read(raw).n_trees == 0
    assert reader.facts(raw).n_rounds == 0


def test_class_facts() -> None:
    assert reader.facts(raw_of("logistic")).n_classes == 2
    assert reader.facts(raw_of("softprob")).n_classes == 3
    assert reader.facts(raw_of("hist")).n_classes == 0
    assert reader.facts(raw_of("softmax forest")).trees_per_round == 6
    assert reader.facts(raw_of("aft")).objective_params["aft_loss_distribution"] == "normal"


def test_rounds_must_fit() -> None:
    with pytest.raises(FormatError, match="5 rounds, but 2"):
        reader.read(raw_of("hist"), rounds=np.arange(2))


def test_bytearrays_are_read() -> None:
    assert_same(reader.read(bytearray(raw_of("hist"))), table_of("hist"))


@pytest.mark.parametrize("name", ["hist", "softprob", "dart", "many rounds", "categories, partition"])
def test_usual_trees_take_the_fast_path(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Forest, "_slow", None)
    assert_same(reader.read(raw_of(name)), table_of(name))


@pytest.mark.parametrize(("name", "value"), [
    ("size_leaf_vector", "-2147483648"), ("size_leaf_vector", "x"), ("num_nodes", "1000000"), ("num_deleted", "-1"),
])  # fmt: skip
def test_sizes_that_xgboost_would_take_as_they_are_are_refused(name: str, value: str) -> None:
    model = decode(raw_of("hist"))
    tree = model["learner"]["gradient_booster"]["model"]["trees"][0]
    reader.read(encode(model))
    tree["tree_param"][name] = value
    with pytest.raises(FormatError, match="tree 0"):
        reader.read(encode(model))
