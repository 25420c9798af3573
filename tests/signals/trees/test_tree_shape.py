import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treedebug.engine.resolve import Missing, Resolver
from treedebug.signals.features.importance_share import FeatureShares
from treedebug.signals.trees.tree_shape import DepthGain, TreeShape
from treedebug.testing import curves, grown, leaf, split, trees

DEPTHS = st.lists(st.integers(0, 4), min_size=1, max_size=30)


def measured(kind, run):
    return Resolver(run.at(run.n_rounds, final=True)).get(kind)


@given(DEPTHS)
def test_shape_against_a_slow_twin(depths):
    shape = measured(TreeShape, trees([grown(d) for d in depths]))
    assert shape.splitless.tolist() == [d == 0 for d in depths]
    assert shape.n_leaves.tolist() == [2**d for d in depths]
    assert shape.n_splitless == depths.count(0)


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_rounds_without_a_tree_against_a_slow_twin(grew):
    shape = measured(TreeShape, trees([[grown(1)] if g else [] for g in grew], n_features=1))
    assert shape.splitless.tolist() == [not g for g in grew]


@given(DEPTHS.filter(any))
def test_depth_gain_against_a_slow_twin(depths):
    levels = measured(DepthGain, trees([grown(d) for d in depths]))
    splits = np.zeros(64)
    leaves = np.zeros(64)
    for depth in depths:
        leaves[depth] += 2**depth
        for level in range(depth):
            splits[level] += 2**level
    assert levels.split_share == pytest.approx(splits / splits.sum())
    assert levels.leaf_hessian_share == pytest.approx(leaves / leaves.sum())
    assert levels.gain_share.sum() == pytest.approx(1.0)
    assert levels.max_depth == max(depths)


def test_each_stretch_of_rounds_counts_alike():
    loud, quiet = grown(1, gains=(1e6,)), grown(3, gains=(1.0,))
    levels = measured(DepthGain, trees([*[loud] * 10, *[quiet] * 10]))
    assert levels.gain_share[:3] == pytest.approx([0.5 + 0.5 / 7, 1 / 7, 2 / 7])
    assert levels.idle_from(max_gain=0.3, max_worth=1.0) == 2


def test_feature_shares():
    tree = split(0, split(2, gain=1.0), gain=3.0)
    shares = measured(FeatureShares, trees([tree] * 7, n_features=4, feature_names=["a", "b", "c"]))
    assert (shares.features.tolist(), shares.gain_share.tolist()) == ([0, 2], [0.75, 0.25])
    assert shares.top(2) == {"a": 0.75, "c": 0.25}
    assert (shares.names(shares.order), shares.unused(9)) == (["a", "c"], ["b", "f3"])
    assert shares.splits_of(np.array([3, 0, 2, 1])).tolist() == [0, *shares.n_splits.tolist(), 0]
    assert (shares.n_used, shares.n_features) == (2, 4)


def test_what_is_missing_is_said():
    with pytest.raises(Missing, match="no trees"):
        measured(TreeShape, curves(valid=[1.0]))
    with pytest.raises(Missing, match="TR203"):
        measured(DepthGain, trees([leaf()] * 5))
    with pytest.raises(Missing, match="TR203"):
        measured(FeatureShares, trees([leaf()] * 5))
