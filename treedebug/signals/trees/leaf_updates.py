"""What each round changes: the size of the leaf values over the rounds, and trees that come again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.resolve import Missing
from treedebug.signals.trees.leaf_sizes import middle

Floats = NDArray[np.float64]
_FEWEST = 20
_CLOSE = 1e-3


@dataclass(frozen=True, eq=False)
class Updates:
    """Leaf values of the trees after the first round, which may hold the initial score. Arrays are (n_trees,)."""

    mean_leaf: Floats
    """Mean absolute leaf value of each tree."""
    max_leaf: Floats
    """Largest absolute leaf value of each tree."""
    n_rounds: int
    per_round: int
    """Trees in a round."""
    first_leaf: float
    """Largest absolute leaf value of the first round, which may hold the initial score."""
    spread: float | None
    """Standard deviation of the training labels, where they are numbers and it is known."""

    @classmethod
    def measure(cls, trees: TreeSummary, header: Header) -> Self:
        """Raise Missing with fewer than twenty trees after the first round."""
        first = max(header.trees_per_round, 1)
        mean, largest = trees.column("mean_abs_leaf")[first:], trees.column("max_abs_leaf")[first:]
        if len(mean) < _FEWEST:
            raise Missing("needs twenty rounds with trees")
        std = (header.training_label() or {}).get("std")
        spread = float(std) if isinstance(std, int | float) and std > 0 else None
        leading = float(trees.column("max_abs_leaf")[:first].max(initial=0.0))
        return cls(mean, largest, trees.n_seen, first, leading, spread)

    def growth(self, values: Floats) -> float:
        """Return the middle value of the last tenth of the trees over that of the first tenth; 1 if that is zero."""
        tenth = max(len(values) // 10, 2)
        early, late = middle(values[:tenth]), middle(values[-tenth:])
        return late / early if early > 0 else 1.0

    @property
    def travelled(self) -> float:
        """The most a prediction can typically have moved so far: the sum of mean leaf values of one class."""
        return float(self.mean_leaf.sum()) / self.per_round


@dataclass(frozen=True, eq=False)
class TreeRepeats:
    """(n_trees,) for each tree that has one before it of its class: same splits, same sizes of leaf values."""

    again: NDArray[np.bool_]
    rounds: NDArray[np.int64]
    """(n_trees,) round of each."""
    same_round: NDArray[np.bool_]
    """(n_trees,) the tree before it stands in the same round (parallel trees)."""

    @classmethod
    def measure(cls, trees: TreeSummary) -> Self:
        """Raise Missing with fewer than twenty such trees."""
        order = np.argsort(trees.column("class_index"), kind="stable")
        classes, rounds = trees.column("class_index")[order], trees.column("round_index")[order]
        splits, leaf, depth = (trees.column(c)[order] for c in ("splits_hash", "mean_abs_leaf", "depth"))
        of_class = classes[1:] == classes[:-1]
        if int(of_class.sum()) < _FEWEST:
            raise Missing("needs twenty rounds with trees")
        close = np.abs(leaf[1:] - leaf[:-1]) <= _CLOSE * leaf[:-1]
        again = (splits[1:] == splits[:-1]) & close & (depth[1:] > 0)
        same = rounds[1:] == rounds[:-1]
        return cls(again[of_class], rounds[1:][of_class].astype(np.int64), same[of_class])
