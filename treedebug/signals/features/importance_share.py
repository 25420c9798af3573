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
    """Shares of total gain and of splits of the features that are split on. Arrays have shape (n_used,)."""

    features: NDArray[np.int64]
    """Their indices, ascending."""
    gain_share: NDArray[np.float64]
    n_splits: NDArray[np.int64]
    order: NDArray[np.int64]
    """Places in these arrays, most gain first."""
    n_features: int
    """Columns of the training data."""
    n_rounds: int
    header: Header

    @classmethod
    def measure(cls, trees: TreeSummary, header: Header) -> Self:
        """Raise Missing if no tree has a split."""
        totals = trees.totals()
        gain = np.maximum(totals.total_gain, 0.0)
        whole = float(gain.sum())
        if not np.isfinite(whole) or whole <= 0 or not len(totals.features):
            raise Missing("no tree has a split (see TR203)")
        share = gain / whole
        order = np.argsort(-share, kind="stable")
        return cls(totals.features, share, totals.n_splits, order, trees.n_features, totals.n_rounds, header)

    @property
    def n_used(self) -> int:
        """Features split on at least once."""
        return len(self.features)

    def name(self, place: int) -> str:
        """Return the name of the feature at a place in the arrays."""
        return self.header.feature_name(int(self.features[place]))

    def names(self, places: NDArray[np.int64]) -> list[str]:
        """Return the names of the features at places in the arrays."""
        return [self.name(int(i)) for i in places]

    def top(self, n: int) -> dict[str, float]:
        """Return the gain shares of the `n` features with the most gain, by name."""
        return {self.name(int(i)): float(self.gain_share[i]) for i in self.order[:n]}

    def unused(self, n: int) -> list[str]:
        """Return the names of the first `n` features without a split."""
        first = np.setdiff1d(np.arange(min(self.n_features, self.n_used + n)), self.features)
        return [self.header.feature_name(int(i)) for i in first[:n]]

    def splits_of(self, features: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the splits on features by index, in any order; 0 on those that are not used."""
        place = np.minimum(np.searchsorted(self.features, features), self.n_used - 1)
        return np.where(self.features[place] == features, self.n_splits[place], 0)


@dataclass(frozen=True, eq=False)
class SplitPoints:
    """How often features are split, at how many places, for how much. Arrays have shape (n_used,)."""

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
        n_used = shares.n_used
        held = splits / float(splits.sum())
        return cls(held * n_used, points / float(points.sum()) * n_used, points / splits, shares.gain_share / held)


@dataclass(frozen=True, eq=False)
class FeatureDrift:
    """Gain shares early and late in the training. Arrays have shape (n_used,)."""

    features: NDArray[np.int64]
    """Indices of the features that are split on, ascending."""
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
        early = np.maximum(first[-1].gain_of(totals.features), 0.0)
        late = np.maximum(totals.total_gain - until[-1].gain_of(totals.features), 0.0)
        sums = float(early.sum()), float(late.sum())
        if not (min(sums) > 0 and np.isfinite(sums).all()):
            raise Missing("the first or the last rounds have no gain (see TR203)")
        return cls(totals.features, early / sums[0], late / sums[1], until[-1].n_rounds, n, header)
