"""The shape of the trees: sizes per round, rounds without a split, gain by depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.eval_log import RoundLog
from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.resolve import Missing

NO_ROUNDS = "no round has been recorded yet"


@dataclass(frozen=True, eq=False)
class TreeShape:
    """Sizes of the trees, and which rounds split nothing."""

    rounds: NDArray[np.int64]
    """(n_rounds,) recorded rounds."""
    splitless: NDArray[np.bool_]
    """(n_rounds,) the round's trees are all root-only, or it added none (LightGBM)."""
    depth: NDArray[np.float64]
    """(n_trees,)"""
    n_leaves: NDArray[np.float64]
    """(n_trees,)"""
    root_hessian: NDArray[np.float64]
    """(n_trees,) hessian mass of each root; NaN where the library keeps none (LightGBM's trees without a split)."""

    @classmethod
    def measure(cls, trees: TreeSummary, log: RoundLog, header: Header) -> Self:
        """Raise Missing before the first round."""
        rounds = log.rounds[-trees.n_rounds :] if trees.n_rounds else log.rounds[:0]
        if not len(rounds):
            raise Missing(NO_ROUNDS)
        depth, of_tree = trees.column("depth"), trees.column("round_index").astype(np.int64)
        n_seen = max(int(rounds[-1]), int(of_tree.max(initial=0))) + 1
        has_tree, has_split = np.zeros(n_seen, dtype=bool), np.zeros(n_seen, dtype=bool)
        has_tree[of_tree] = True
        has_split[of_tree[depth > 0]] = True
        stood_still = np.diff(log.iterations[-len(rounds) :], prepend=header.start_round) <= 0
        splitless = ~has_split[rounds] & (has_tree[rounds] | stood_still)
        return cls(rounds, splitless, depth, trees.column("n_leaves"), trees.column("root_hessian"))

    @property
    def n_splitless(self) -> int:
        """Rounds that split nothing."""
        return int(self.splitless.sum())

    @property
    def share_splitless(self) -> float:
        """Share of the rounds that split nothing."""
        return self.n_splitless / len(self.splitless)

    @property
    def hessian_left(self) -> float:
        """Hessian mass of the last root as a share of the largest; near 0 where the predictions have become certain."""
        known = self.root_hessian[np.isfinite(self.root_hessian)]
        return float(known[-1] / known.max()) if len(known) and known.max() > 0 else 1.0


@dataclass(frozen=True, eq=False)
class DepthGain:
    """How gain and splits spread over the levels (root = 0). Arrays have shape (64,).

    `gain_share` is the mean over the rounds of each stretch's own shares, so that the large gains of the first rounds
    do not drown the others.
    """

    gain_share: NDArray[np.float64]
    split_share: NDArray[np.float64]
    leaf_hessian_share: NDArray[np.float64]
    mean_depth: float
    """Mean over the trees of their deepest node."""
    max_depth: int
    n_rounds: int

    @classmethod
    def measure(cls, trees: TreeSummary) -> Self:
        """Raise Missing if no tree has a split."""
        totals, depth = trees.totals(), trees.column("depth")
        if not totals.depth_splits.sum() or not len(depth):
            raise Missing("no tree has a split (see TR203)")
        stages = [s for s in trees.snapshots() if s.n_rounds < totals.n_rounds]
        gain = np.array([*(s.depth_gain for s in stages), totals.depth_gain])
        ends = np.array([*(s.n_rounds for s in stages), totals.n_rounds], dtype=np.float64)
        gain[1:] -= gain[:-1].copy()
        gain = np.maximum(gain, 0.0)
        sums = gain.sum(axis=1)
        with np.errstate(all="ignore"):
            weight = np.where((sums > 0) & np.isfinite(sums), np.diff(ends, prepend=0.0), 0.0)
            share = (weight[:, None] * np.nan_to_num(gain / sums[:, None])).sum(axis=0) / max(weight.sum(), 1.0)
        splits = totals.depth_splits / totals.depth_splits.sum()
        leaves = np.nan_to_num(totals.depth_leaf_hessian, posinf=0.0)
        hessian = leaves / max(float(leaves.sum()), 1e-300)
        return cls(share, splits, hessian, float(depth.mean()), int(depth.max()), totals.n_rounds)

    def idle_from(self, *, max_gain: float, max_worth: float) -> int:
        """Return the shallowest depth from which on the splits add next to no gain.

        The greatest depth if there is none.

        Together they hold `max_gain` of the gain or less, and `max_worth` or less of what as many average splits gain.
        """
        gain, splits = np.cumsum(self.gain_share[::-1])[::-1], np.cumsum(self.split_share[::-1])[::-1]
        poor = np.flatnonzero((gain <= max_worth * splits) & (gain <= max_gain) & (splits > 0))
        return int(poor[0]) if len(poor) else self.max_depth
