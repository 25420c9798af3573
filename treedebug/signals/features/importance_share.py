"""Features: how gain and splits spread over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.resolve import Missing


@dataclass(frozen=True, eq=False)
class FeatureShares:
    """Shares of total gain and of splits. Arrays have shape (n_features,)."""

    gain_share: NDArray[np.float64]
    n_splits: NDArray[np.int64]
    order: NDArray[np.int64]
    """Feature indices, most gain first."""
    n_rounds: int
    header: Header

    @classmethod
    def measure(cls, trees: TreeSummary, header: Header) -> Self:
        """Raise Missing if no tree has a split."""
        totals = trees.totals()
        gain = np.maximum(totals.total_gain, 0.0)
        whole = float(gain.sum())
        if not np.isfinite(whole) or whole <= 0 or not totals.n_splits.sum():
            raise Missing("no tree has a split (see TR203)")
        share = gain / whole
        order = np.argsort(-share, kind="stable")
        return cls(share, totals.n_splits, order, totals.n_rounds, header)

    @property
    def n_features(self) -> int:
        """Columns of the training data."""
        return len(self.gain_share)

    @property
    def n_used(self) -> int:
        """Features split on at least once."""
        return int((self.n_splits > 0).sum())

    def names(self, indices: NDArray[np.int64]) -> list[str]:
        """Return the names of features by index."""
        return [self.header.feature_name(int(i)) for i in indices]

    def top(self, n: int) -> dict[str, float]:
        """Return the gain shares of the `n` features with the most gain, by name."""
        return {self.header.feature_name(int(i)): float(self.gain_share[i]) for i in self.order[:n]}


@dataclass(frozen=True, eq=False)
class SplitPoints:
    """How often features are split, at how many places, for how much. Arrays have shape (n_features,), 0 if unused."""

    split_share: NDArray[np.float64]
    """Splits, as a multiple of what the average used feature has."""
    point_share: NDArray[np.float64]
    """Distinct thresholds (counted anew between two checks), as a multiple of the average used feature's."""
    variety: NDArray[np.float64]
    """Distinct thresholds per split: 1 if no threshold comes twice."""
    worth: NDArray[np.float64]
    """Gain of a split on the feature, as a share of the average split's."""

    @classmethod
    def measure(cls, trees: TreeSummary, shares: FeatureShares) -> Self:
        """Measure from the totals over all rounds."""
        totals = trees.totals()
        splits, points = totals.n_splits.astype(np.float64), totals.n_thresholds.astype(np.float64)
        n_used = max(shares.n_used, 1)
        held = splits / max(float(splits.sum()), 1.0)
        worth = np.where(held > 0, shares.gain_share / np.maximum(held, 1e-300), 0.0)
        return cls(
            held * n_used, points / max(float(points.sum()), 1.0) * n_used, points / np.maximum(splits, 1.0), worth
        )


@dataclass(frozen=True, eq=False)
class FeatureDrift:
    """Gain shares early and late in the training. Arrays have shape (n_features,)."""

    early: NDArray[np.float64]
    """In the first tenth of the rounds, up to a check; at least up to the first one."""
    late: NDArray[np.float64]
    """In the last third."""
    late_from: int
    """First round of the late stretch."""
    n_rounds: int
    header: Header

    @classmethod
    def measure(cls, trees: TreeSummary, header: Header) -> Self:
        """Raise Missing with fewer than twenty rounds, or where a stretch has no gain."""
        totals, start = trees.totals(), header.start_round
        n, stages = totals.n_rounds, [s for s in trees.snapshots() if s.n_rounds > start]
        first = [s for s in stages if s.n_rounds - start <= max((n - start) // 10, 5)] or stages[:1]
        until = [s for s in stages if s.n_rounds - start <= (2 * (n - start)) // 3]
        if n - start < 20 or not first or not until:  # too few to compare stretches
            raise Missing("needs twenty rounds with trees")
        early, late = first[-1].total_gain, totals.total_gain - until[-1].total_gain
        sums = float(np.maximum(early, 0.0).sum()), float(np.maximum(late, 0.0).sum())
        if not (min(sums) > 0 and np.isfinite(sums).all()):
            raise Missing("the first or the last rounds have no gain (see TR203)")
        return cls(np.maximum(early, 0.0) / sums[0], np.maximum(late, 0.0) / sums[1], until[-1].n_rounds, n, header)
