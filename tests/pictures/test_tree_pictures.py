"""Pictures of trees and features hold what the run's own frames hold."""

import numpy as np
import pytest

from tests.pictures.real_runs import amounts, binary, digits
from treedebug.core.run.run_data import Header, RunData
from treedebug.pictures.importance_bars import KINDS, importance_bars
from treedebug.pictures.importance_heatmap import importance_heatmap
from treedebug.pictures.one_tree import MOST_NODES, one_tree
from treedebug.pictures.picture import NoPicture
from treedebug.pictures.tree_anatomy import tree_anatomy
from treedebug.testing import grown, leaf, trees


@pytest.mark.parametrize("make", [binary, digits, amounts])
def test_anatomy_is_that_of_the_trees(make):
    run = make()[0]
    picture, frame = tree_anatomy(run), run.trees.groupby("round_index")
    assert picture.rounds.tolist() == list(range(run.n_rounds))
    np.testing.assert_allclose(picture.depth, frame["depth"].mean().to_numpy())
    np.testing.assert_array_equal(picture.deepest, frame["depth"].max().to_numpy())
    np.testing.assert_allclose(picture.leaves, frame["n_leaves"].mean().to_numpy())
    np.testing.assert_allclose(picture.gain, frame["total_gain"].mean().to_numpy())
    np.testing.assert_allclose(picture.leaf_quantiles[:, 0], frame["min_leaf"].min().to_numpy())
    np.testing.assert_allclose(picture.leaf_quantiles[:, -1], frame["max_leaf"].max().to_numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_bars_are_the_importance_of_all_rounds(kind):
    run = binary()[0]
    picture = importance_bars(run)
    frame = run.importance(kind, cumulative=True)
    own = frame.groupby("feature")["value"].last().sort_values(ascending=False)
    at = picture.kinds.index(kind)
    np.testing.assert_allclose(picture.values[at], own.to_numpy(), rtol=1e-12)
    assert set(picture.features[at]) == set(own.index)


def test_shares_of_the_heatmap_are_those_of_the_round():
    run = binary()[0]
    picture = importance_heatmap(run)
    frame = run.importance("total_gain")
    by_round = frame.pivot_table(index="feature", columns="round_index", values="value", fill_value=0.0)
    share = (by_round / by_round.sum()).loc[list(picture.features)]
    np.testing.assert_allclose(picture.share, share.to_numpy(), rtol=1e-9)
    np.testing.assert_allclose(picture.share.sum(axis=0) + picture.rest, 1.0)


def test_a_feature_that_comes_late_rises():
    run = trees([grown(2, features=[0])] * 40 + [grown(2, features=[3])] * 40)
    picture = importance_heatmap(run)
    rise = dict(zip(picture.features, picture.rise.tolist(), strict=True))
    assert rise["f3"] == 1.0
    assert rise["f0"] == -1.0


def test_leaves_alone_have_no_importance():
    assert isinstance(importance_bars(trees([leaf(0.1)] * 5)), NoPicture)
    assert isinstance(importance_heatmap(trees([leaf(0.1)] * 5)), NoPicture)
    assert tree_anatomy(trees([leaf(0.1)] * 5)).depth.tolist() == [0.0] * 5


def test_a_run_without_trees_has_none_of_them():
    for make in (tree_anatomy, importance_bars, importance_heatmap):
        assert make(RunData(Header(library="xgboost"))) == NoPicture("no trees were recorded")


@pytest.mark.parametrize("make", [binary, amounts])
def test_one_tree_is_its_nodes(make):
    run = make()[0]
    picture, frame = one_tree(run, 5), run.nodes(5)
    assert picture.n_trees == 1
    np.testing.assert_array_equal(picture.depth, frame["depth"])
    np.testing.assert_array_equal(picture.value, frame["leaf_value"])
    np.testing.assert_array_equal(picture.gain[~np.isnan(picture.gain)], frame["split_gain"][frame["left"] >= 0])
    for node, (left, right) in enumerate(zip(frame["left"], frame["right"], strict=True)):
        if left >= 0:
            assert picture.parent[left] == picture.parent[right] == node
            assert picture.is_left[left]
            assert not picture.is_left[right]
            assert picture.x[left] < picture.x[node] < picture.x[right]
            assert picture.feature[node] == frame["feature"][node]
            sign = "<=" if run.header.library == "lightgbm" else "<"
            assert picture.condition[node].startswith(f"{picture.feature[node]} {sign} ")


def test_a_tree_of_a_class():
    run = digits()[0]
    assert [one_tree(run, 3, k).class_index for k in range(10)] == list(range(10))
    assert "no tree 10" in one_tree(run, 3, 10).reason
    assert "12 rounds are recorded" in one_tree(run, 12).reason


def test_a_huge_tree_is_cut_at_its_deepest_nodes():
    run = trees([grown(11)])
    picture = one_tree(run, 0)
    assert len(picture.depth) == MOST_NODES
    n_all = 2**12 - 1
    assert picture.n_hidden.sum() == n_all - MOST_NODES
    assert picture.depth.max() == 8
