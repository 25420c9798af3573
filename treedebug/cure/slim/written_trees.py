"""The trees of a candidate as a table: what was dropped is gone, what is constant is added to a neighbour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.tree_table import TreeTable
from treedebug.cure.slim.candidates import SlimCandidate
from treedebug.cure.slim.reboost import Grown, Rows, reboost
from treedebug.cure.slim.structure import Structure, Tree

Floats = NDArray[np.float64]
_NODE_FIELDS = ("feature", "threshold", "default_left", "missing_type")


@dataclass(frozen=True, eq=False)
class Sapling:
    """One tree, nodes counted from its root; `values` are those of all nodes, splits included."""

    class_index: int
    nodes: dict[str, NDArray[Any]]
    values: Floats
    categories: dict[int, NDArray[np.int64]]

    @property
    def is_constant(self) -> bool:
        """Whether it has no split."""
        return len(self.values) == 1

    def plus(self, more: Floats | float) -> Sapling:
        """Return the tree with something added to all its nodes."""
        return replace(self, values=self.values + more)

    def is_like(self, other: Sapling) -> bool:
        """Return whether both send every row the same way."""
        names = (*_NODE_FIELDS, "left", "right")
        same = all(np.array_equal(self.nodes[n], other.nodes[n], equal_nan=n == "threshold") for n in names)
        return same and self.categories.keys() == other.categories.keys() and all(
            np.array_equal(np.sort(c), np.sort(other.categories[i])) for i, c in self.categories.items()
        )  # fmt: skip


@dataclass(frozen=True)
class WrittenTrees:
    """A table, and the values of all its nodes."""

    table: TreeTable
    values: Floats

    @property
    def n_leaves(self) -> int:
        """Leaves of all trees."""
        return int(self.table.is_leaf.sum())


def written(structure: Structure, candidate: SlimCandidate, rows: Rows | None, start: Floats) -> WrittenTrees:
    """Return the trees of a candidate. `start` (n_outputs,) is what the first trees hold besides their leaves."""
    if candidate.boosting is None or rows is None:
        rounds = [[_as_it_is(structure.table, t) for t in trees] for trees in structure.rounds[: candidate.n_rounds]]
        return table_of(structure.table, rounds)
    done = zip(range(candidate.n_rounds), reboost(structure, rows, candidate.boosting), strict=False)
    rounds = [[_grown(structure.table, g) for g in one.trees] for _, one in done]
    if candidate.boosting.averaged:
        rounds = [[s.plus(float(start[s.class_index])) for s in trees] for trees in rounds]
        return table_of(structure.table, rounds)
    rounds[0] = _with_start(rounds[0], start)
    return table_of(structure.table, merged(rounds, n_outputs=len(start)))


def _with_start(trees: list[Sapling], start: Floats) -> list[Sapling]:
    """Add the start to the first tree of each output."""
    seen: set[int] = set()
    result = []
    for tree in trees:
        result.append(tree if tree.class_index in seen else tree.plus(float(start[tree.class_index])))
        seen.add(tree.class_index)
    return result


def _as_it_is(table: TreeTable, tree: Tree) -> Sapling:
    values = np.where(table.is_leaf, table.leaf_value, 0.0)[tree.first : tree.first + tree.n_nodes].copy()
    mass = np.nan_to_num(table.sum_hessian[tree.first : tree.first + tree.n_nodes])
    for i in reversed(tree.splits):
        left, right = tree.left[i], tree.right[i]
        total = mass[left] + mass[right]
        share = mass[left] / total if total > 0 else 0.5
        values[i] = share * values[left] + (1.0 - share) * values[right]
    kept = [table.feature[tree.first + i] >= 0 for i in range(tree.n_nodes)]
    gains = table.split_gain[tree.first : tree.first + tree.n_nodes]
    counts = table.n_rows[tree.first : tree.first + tree.n_nodes]
    return _sapling(table, tree, kept, values, gains, mass, counts)


def _grown(table: TreeTable, grown: Grown) -> Sapling:
    tree = grown.tree
    counts = np.bincount(tree.train, minlength=tree.n_nodes)
    for i in reversed(tree.splits):
        counts[i] = counts[tree.left[i]] + counts[tree.right[i]]
    gains = np.array(grown.gains) * (2.0 if table.library == "xgboost" else 1.0)  # XGBoost leaves the half out
    return _sapling(table, tree, grown.is_split, grown.values, gains, np.array(grown.hessians), counts)


def _sapling(  # noqa: PLR0913, PLR0917 - the columns of a tree
    table: TreeTable, tree: Tree, is_split: Sequence[bool], values: Floats, gains: Floats, mass: Floats, counts: Any
) -> Sapling:
    live = [0]
    for i in tree.splits:
        if is_split[i]:
            live += [tree.left[i], tree.right[i]]
    live.sort()
    place = {old: new for new, old in enumerate(live)}
    at = np.array(live, dtype=np.int64)
    split = np.array([bool(is_split[i]) for i in live])
    nodes: dict[str, NDArray[Any]] = {n: getattr(table, n)[tree.first + at].copy() for n in _NODE_FIELDS}
    nodes["feature"][~split] = -1
    nodes["threshold"][~split] = np.nan
    nodes["default_left"][~split] = False
    if table.library == "lightgbm":
        nodes["missing_type"][~split] = 0
    for name, children in (("left", tree.left), ("right", tree.right)):
        nodes[name] = np.array([place[children[i]] if s else -1 for i, s in zip(live, split, strict=True)])
    nodes["split_gain"] = np.where(split, gains[at], 0.0)
    nodes["sum_hessian"], nodes["n_rows"] = mass[at], counts[at]
    sets = {place[i]: table.categories[tree.first + i] for i, s in zip(live, split, strict=True)
            if s and tree.first + i in table.categories}  # fmt: skip
    return Sapling(tree.class_index, nodes, values[at], sets)


def merged(rounds: list[list[Sapling]], *, n_outputs: int) -> list[list[Sapling]]:
    """Return the rounds without those of constant trees alone, and without trees that repeat an earlier one.

    What they say is added to trees that stay, so sums are the same but for rounding.
    """
    kept, owed = [], np.zeros(n_outputs)
    for trees in rounds:
        if all(tree.is_constant for tree in trees):
            for tree in trees:
                owed[tree.class_index] += tree.values[0]
        else:
            kept.append(list(trees))
    if not kept:
        kept = [list(rounds[0])]
        for tree in rounds[0]:
            owed[tree.class_index] -= tree.values[0]
    if n_outputs == 1 and all(len(trees) == 1 for trees in kept):
        kept = [[tree] for tree in _without_repeats(trees[0] for trees in kept)]
    kept[0] = _with_start(kept[0], owed)
    return kept


def _without_repeats(trees: Iterable[Sapling]) -> list[Sapling]:
    found: list[Sapling] = []
    by_root: dict[tuple[Any, ...], list[int]] = {}
    for tree in trees:
        known = by_root.setdefault((len(tree.values), *tree.nodes["feature"].tolist()), [])
        twin = next((i for i in known if tree.is_like(found[i])), None)
        if twin is None:
            known.append(len(found))
            found.append(tree)
        else:
            found[twin] = found[twin].plus(tree.values)
    return found


def table_of(old: TreeTable, rounds: Sequence[Sequence[Sapling]]) -> WrittenTrees:
    """Return rounds of trees as one table, rounds and trees counted anew."""
    trees = [tree for one in rounds for tree in one]
    sizes = np.array([len(tree.values) for tree in trees], dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    columns: dict[str, Any] = {n: np.concatenate([tree.nodes[n] for tree in trees]) for n in trees[0].nodes}
    values = np.concatenate([tree.values for tree in trees])
    table = TreeTable(
        library=old.library,
        offsets=offsets,
        round_index=np.repeat(np.arange(len(rounds)), [len(one) for one in rounds]),
        tree_index=np.arange(len(trees)),
        class_index=np.array([tree.class_index for tree in trees], dtype=np.int64),
        weight=np.ones(len(trees)),
        depth=np.concatenate([_depths(tree) for tree in trees]),
        leaf_value=np.where(columns["feature"] < 0, values, np.nan),
        categories={int(a) + i: c for a, tree in zip(offsets, trees, strict=False) for i, c in tree.categories.items()},
        **columns,
    )
    return WrittenTrees(table, values)


def _depths(tree: Sapling) -> NDArray[np.int64]:
    depths = np.zeros(len(tree.values), dtype=np.int64)
    left, right = tree.nodes["left"], tree.nodes["right"]
    for i in np.flatnonzero(left >= 0):
        depths[left[i]] = depths[right[i]] = depths[i] + 1
    return depths
