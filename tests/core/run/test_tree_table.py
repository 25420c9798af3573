"""TreeTable and TreeSummary against slow, obvious twins."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treedebug.core.run.round_schedule import is_check_round
from treedebug.core.run.tree_summary import N_DEPTHS, TreeSummary
from treedebug.core.run.tree_table import TreeTable, concatenate
from treedebug.testing.tree_builders import Node, grown, leaf, split, tree_table

NODES = st.recursive(
    st.builds(leaf, st.floats(-3, 3), hessian=st.floats(0, 9)),
    lambda below: st.builds(split, st.integers(0, 2), below, below, gain=st.floats(0, 5)),
    max_leaves=6,
)
PER_ROUND = st.lists(st.one_of(NODES, st.lists(NODES, max_size=2)), min_size=1, max_size=24)


def with_extras(table: TreeTable) -> TreeTable:
    """Categories and linear leaves at some nodes, vectors everywhere."""
    n = len(table.feature)
    splits, leaves = np.flatnonzero(~table.is_leaf), np.flatnonzero(table.is_leaf)
    return dataclasses.replace(
        table,
        categories={int(i): np.array([i, 7]) for i in splits[::2]},
        linear={int(i): (0.5 * i, np.array([i]), np.array([1.0])) for i in leaves[::2]},
        leaf_vectors=np.arange(2.0 * n).reshape(n, 2),
    )


def slow_tree(table: TreeTable, t: int) -> list:
    """Everything about one tree, node by node."""
    a, b = int(table.offsets[t]), int(table.offsets[t + 1])
    names = [f.name for f in dataclasses.fields(TreeTable)]
    places = ("round_index", "tree_index", "class_index", "weight", "offsets", "categories", "linear")
    columns = [n for n in names if n not in places and isinstance(getattr(table, n), np.ndarray)]
    nodes = [
        ([repr(getattr(table, c)[i]) for c in columns],
         None if table.categories.get(i) is None else table.categories[i].tolist(), repr(table.linear.get(i)))
        for i in range(a, b)
    ]  # fmt: skip
    return [table.round_index[t], table.tree_index[t], table.class_index[t], table.weight[t], nodes]


@given(PER_ROUND, st.data())
def test_select_and_concatenate(per_round, data):
    table = with_extras(tree_table(per_round))
    cuts = sorted(data.draw(st.lists(st.integers(0, table.n_trees), max_size=3)))
    parts = [table.select(a, b) for a, b in zip([0, *cuts], [*cuts, table.n_trees], strict=True)]
    assert [p.n_trees for p in parts] == np.diff([0, *cuts, table.n_trees]).tolist()
    assert [slow_tree(p, t) for p in parts for t in range(p.n_trees)] == [
        slow_tree(table, t) for t in range(table.n_trees)
    ]
    joined = concatenate(parts)
    assert joined.offsets.tolist() == table.offsets.tolist()
    assert [slow_tree(joined, t) for t in range(table.n_trees)] == [slow_tree(table, t) for t in range(table.n_trees)]


def test_nothing_to_join():
    with pytest.raises(ValueError, match="at least one"):
        concatenate([])


def test_tree_of_node_and_leaves():
    table = tree_table([split(0), leaf(), split(1)])
    assert table.tree_of_node.tolist() == [0, 0, 0, 1, 2, 2, 2]
    assert table.is_leaf.tolist() == [False, True, True, True, False, True, True]


def walk(node: Node, depth: int = 0):
    yield node, depth
    for child in (node.left, node.right):
        if child is not None:
            yield from walk(child, depth + 1)


def slow_summary(per_round, n_rounds, n_features=3):
    """Totals over the first rounds, node by node."""
    gain, splits, cover = np.zeros(n_features), np.zeros(n_features, int), np.zeros(n_features)
    by_depth, by_size = np.zeros((3, N_DEPTHS)), np.zeros(N_DEPTHS)
    for entry in per_round[:n_rounds]:
        for tree in [entry] if isinstance(entry, Node) else entry:
            for node, depth in walk(tree):
                if node.left is None:
                    by_depth[2, depth] += node.hessian
                    size = next((k for k in range(N_DEPTHS) if node.hessian >= tree.hessian * 0.5**k), N_DEPTHS - 1)
                    by_size[size] += node.hessian * node.value**2
                else:
                    gain[node.feature] += node.gain
                    splits[node.feature] += 1
                    cover[node.feature] += node.hessian
                    by_depth[0, depth] += node.gain
                    by_depth[1, depth] += 1
    used = np.flatnonzero(splits)
    points = slow_thresholds(per_round, n_rounds, n_features)
    return used, gain[used], splits[used], cover[used], *by_depth, points[used], by_size


def slow_thresholds(per_round, n_rounds, n_features):
    """Distinct (feature, threshold) pairs, counted anew from check round to check round."""
    count, seen = np.zeros(n_features, int), set()
    for k, entry in enumerate(per_round[:n_rounds]):
        for tree in [entry] if isinstance(entry, Node) else entry:
            for node, _ in walk(tree):
                if node.left is not None and (node.feature, node.threshold) not in seen:
                    seen.add((node.feature, node.threshold))
                    count[node.feature] += 1
        if is_check_round(k + 1):
            seen.clear()
    return count


@settings(deadline=None)  # the slow twin is slow
@given(PER_ROUND, st.data())
def test_summary(per_round, data):
    table, n = tree_table(per_round), len(per_round)
    summary = TreeSummary(3)
    cuts = sorted({*data.draw(st.lists(st.integers(1, n), max_size=4)), n})
    at = 0
    for a, b in zip([0, *cuts], cuts, strict=False):
        stop = int(np.searchsorted(table.round_index, b))
        if stop > at:
            summary.extend(table.select(at, stop), b)
        else:
            summary.skip_to(b)
        at = stop
        assert summary.n_rounds == b > a
    trees = [t for entry in per_round for t in ([entry] if isinstance(entry, Node) else entry)]
    columns = {
        "depth": [max(d for _, d in walk(t)) for t in trees],
        "n_leaves": [sum(x.left is None for x, _ in walk(t)) for t in trees],
        "min_gain": [min((x.gain for x, _ in walk(t) if x.left is not None), default=0.0) for t in trees],
        "max_gain": [max(x.gain for x, _ in walk(t)) for t in trees],
        "root_hessian": [t.hessian for t in trees],
        "max_abs_leaf": [max(abs(x.value) for x, _ in walk(t) if x.left is None) for t in trees],
    }
    for name, values in columns.items():
        np.testing.assert_allclose(summary.column(name), values)
    for totals, k in [*((s, s.n_rounds) for s in summary.snapshots()), (summary.totals(), n)]:
        for fast, slow in zip(list(vars(totals).values())[1:], slow_summary(per_round, k), strict=True):
            np.testing.assert_allclose(fast, slow, atol=1e-12)
    for k in [s.n_rounds for s in summary.snapshots()]:
        view = summary.until(k)
        assert len(view.column("depth")) == int(np.searchsorted(table.round_index, k))
        assert view.totals() is summary.snapshots()[[s.n_rounds for s in summary.snapshots()].index(k)]
        assert view.snapshots()[-1].n_rounds == k


def test_totals_do_not_depend_on_the_batches():
    """Equal to the last bit, though sums of 0.1 and 1e-9 depend on their order."""
    table = tree_table([grown(2, gains=(0.1 * i, 1e-9), features=(i % 3,)) for i in range(23)])
    whole, single = TreeSummary(3), TreeSummary(3)
    whole.extend(table, 23)
    for i in range(23):
        single.extend(table.select(i, i + 1), i + 1)
    for a, b in zip([*whole.snapshots(), whole.totals()], [*single.snapshots(), single.totals()], strict=True):
        for x, y in zip(vars(a).values(), vars(b).values(), strict=True):
            assert np.array_equal(x, y)


def test_memory_goes_with_the_features_that_are_used():
    """A header may name millions of features; the totals hold those that trees split on."""
    summary = TreeSummary(1 << 22)
    summary.extend(tree_table([grown(2, features=(7, 4_000_000))] * 1000), 1000)
    kept = [*summary.snapshots(), summary.totals()]
    assert all(t.features.tolist() == [7, 4_000_000] for t in kept)
    assert sum(v.nbytes for t in kept for v in vars(t).values() if isinstance(v, np.ndarray)) < 100_000
    assert kept[-1].gain_of(np.array([6, 7, 8, 4_000_000])).tolist() == [
        0,
        kept[-1].total_gain[0],
        0,
        kept[-1].total_gain[1],
    ]


def test_totals_between_check_rounds_are_refused():
    summary = TreeSummary(1)
    summary.extend(tree_table([leaf()] * 23), 23)
    assert summary.until(20).totals().n_rounds == 20
    assert summary.until(23).totals().n_rounds == 23
    assert not is_check_round(7)
    with pytest.raises(ValueError, match="check rounds"):
        summary.until(7).totals()
    with pytest.raises(KeyError):
        summary.column("n_nodes")


def test_very_deep_trees_count_in_the_last_depth():
    node = leaf()
    for _ in range(70):
        node = split(0, node)
    summary = TreeSummary(1)
    summary.extend(tree_table([node]), 1)
    assert summary.totals().depth_splits[-1] == 7
    assert summary.totals().depth_splits.sum() == 70
