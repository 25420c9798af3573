"""Leaves: how much rests on small ones, how far from balanced the trees are, whether a cap ends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_summary import N_DEPTHS, TreeSummary
from treedebug.engine.resolve import Missing


@dataclass(frozen=True, eq=False)
class LeafSupport:
    """What rests on leaves of each size. `share` (64,): at k, leaves from 2**-k of the root's mass on.

    The mean over the stretches of rounds, so that the large first steps do not drown the others.
    """

    share: NDArray[np.float64]
    n_rows: int
    """Rows of the training data."""
    n_rounds: int

    @classmethod
    def measure(cls, trees: TreeSummary, header: Header) -> Self:
        """Raise Missing where the number of training rows is not known, or no leaf has a value."""
        rows = header.training_facts().get("n_rows")
        if not rows:
            raise Missing("the number of training rows was not recorded (a saved model has none: check the run)")
        totals = trees.totals()
        stages = [s.leaf_weight for s in trees.snapshots() if s.n_rounds < totals.n_rounds]
        weight = np.diff(np.array([*stages, totals.leaf_weight]), axis=0, prepend=np.zeros((1, N_DEPTHS)))
        whole = weight.sum(axis=1)
        known = np.isfinite(whole) & (whole > 0)
        if not known.any():
            raise Missing("no tree has a leaf with a value")
        share = (np.maximum(weight[known], 0.0) / whole[known, None]).mean(axis=0)
        return cls(share, int(rows), totals.n_rounds)

    def below(self, n_rows: float) -> float:
        """Return the share that rests on leaves worth about this many average rows or fewer.

        The number is rounded up to a halving.
        """
        halvings = int(np.ceil(np.log2(max(self.n_rows / n_rows, 1.0))))
        return float(self.share[min(halvings, N_DEPTHS) :].sum())


@dataclass(frozen=True, eq=False)
class TreeBalance:
    """Depth and last gains of trees with splits. Arrays have shape (n_trees,)."""

    depth: NDArray[np.float64]
    n_leaves: NDArray[np.float64]
    last_worth: NDArray[np.float64]
    """Least gain of a split in the tree, as a share of the tree's mean gain."""
    n_rounds: int

    @classmethod
    def measure(cls, trees: TreeSummary) -> Self:
        """Raise Missing if no tree has a split."""
        depth = trees.column("depth")
        split = depth > 0
        if not split.any():
            raise Missing("no tree has a split (see TR203)")
        leaves, least, whole = (trees.column(c)[split] for c in ("n_leaves", "min_gain", "total_gain"))
        worth = np.where(whole > 0, least / np.where(whole > 0, whole, 1.0) * (leaves - 1.0), 0.0)
        return cls(depth[split], leaves, worth, trees.n_seen)

    def lopsided(self, min_leaves: int) -> float:
        """Return how far the middle tree of `min_leaves` or more is from balanced (0) to a chain (1).

        0 if few are large.
        """
        large = self.n_leaves >= min_leaves
        if 2 * int(large.sum()) < len(large):
            return 0.0
        depth, leaves = self.depth[large], self.n_leaves[large]
        least = np.ceil(np.log2(leaves))
        return middle((depth - least) / np.maximum(leaves - 1.0 - least, 1.0))


def middle(values: NDArray[np.float64]) -> float:
    """Return the middle value (the upper of two)."""
    return float(np.sort(values)[len(values) // 2])
