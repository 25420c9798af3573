"""Features: how gain and splits spread over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run import Header
from treedebug.core.summary import TreeSummary
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
        """Raises Missing if no tree has a split."""
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
        """Names of features by index."""
        return [self.header.feature_name(int(i)) for i in indices]

    def top(self, n: int) -> dict[str, float]:
        """Gain shares of the `n` features with the most gain, by name."""
        return {self.header.feature_name(int(i)): float(self.gain_share[i]) for i in self.order[:n]}
