"""TreeSummary: what the rules need of the trees, small enough to keep in memory while the trees go to disk.

A handful of numbers a tree, and running totals per feature and per depth, kept only as snapshots at check rounds:
memory grows with 60 bytes a tree and with the logarithm of the rounds for the totals.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.core.schedule import is_check_round
from treedebug.core.trees import TreeTable

_INT_COLUMNS = ("round_index", "class_index", "depth", "n_leaves")
_FLOAT_COLUMNS = ("total_gain", "max_gain", "max_abs_leaf", "mean_abs_leaf", "root_hessian")


@dataclass(frozen=True)
class Totals:
    """Running totals over the first `n_rounds` rounds.

    `total_gain`, `n_splits`, `total_cover`: (n_features,). `depth_gain`, `depth_splits`, `depth_leaf_hessian`: (64,)
    by depth, deeper nodes counted in the last; the latter is the hessian mass of the leaves at each depth.
    """

    n_rounds: int
    total_gain: NDArray[np.float64]
    n_splits: NDArray[np.int64]
    total_cover: NDArray[np.float64]
    depth_gain: NDArray[np.float64]
    depth_splits: NDArray[np.int64]
    depth_leaf_hessian: NDArray[np.float64]


N_DEPTHS = 64


class TreeSummary:
    """Per-tree numbers and running totals, extended a batch of trees at a time."""

    def __init__(self, n_features: int) -> None:
        self.n_features = n_features
        self.n_rounds = 0
        """Rounds whose trees have been seen."""
        self._ints = {name: array("q") for name in _INT_COLUMNS}
        self._floats = {name: array("d") for name in _FLOAT_COLUMNS}
        self._snapshots: list[Totals] = []
        self._pending: list[tuple[NDArray[np.generic], ...]] = []
        self._stop: int | None = None

    def extend(self, table: TreeTable, n_rounds: int) -> None:
        """Add the trees of the rounds up to `n_rounds`; rounds without a tree count too."""
        position = 0
        for check in _stops(self.n_rounds, n_rounds):
            stop = int(np.searchsorted(table.round_index, check))
            if stop > position:
                self._add(table if stop - position == table.n_trees else table.select(position, stop))
            position = stop
            self._reach(check)

    def skip_to(self, n_rounds: int) -> None:
        """Count rounds that added no tree."""
        for check in _stops(self.n_rounds, n_rounds):
            self._reach(check)

    def _reach(self, n_rounds: int) -> None:
        self.n_rounds = n_rounds
        if is_check_round(n_rounds):
            self._snapshots.append(self._totals())
            self._pending.clear()

    def _add(self, table: TreeTable) -> None:
        starts = table.offsets[:-1]
        leaf = table.is_leaf
        absolute = np.abs(np.where(leaf, table.leaf_value, 0.0))
        if table.leaf_vectors is not None:
            absolute = np.where(leaf, np.abs(table.leaf_vectors).max(axis=1, initial=0.0), 0.0)
        absolute *= np.repeat(table.weight, np.diff(table.offsets))
        n_leaves = np.add.reduceat(leaf.astype(np.int64), starts)
        self._ints["round_index"].frombytes(_bytes(table.round_index, np.int64))
        self._ints["class_index"].frombytes(_bytes(table.class_index, np.int64))
        self._ints["depth"].frombytes(_bytes(np.maximum.reduceat(table.depth, starts), np.int64))
        self._ints["n_leaves"].frombytes(_bytes(n_leaves, np.int64))
        for name, values in (
            ("total_gain", np.add.reduceat(table.split_gain, starts)),
            ("max_gain", np.maximum.reduceat(table.split_gain, starts)),
            ("max_abs_leaf", np.maximum.reduceat(absolute, starts)),
            ("mean_abs_leaf", np.add.reduceat(absolute, starts) / n_leaves),
            ("root_hessian", table.sum_hessian[starts]),
        ):
            self._floats[name].frombytes(_bytes(values, np.float64))
        self._pending.append((table.feature, table.split_gain, table.sum_hessian, table.depth))

    def _totals(self) -> Totals:
        # One bincount over everything since the last snapshot, so that the sums do not depend on how the rounds were
        # batched: live and replayed totals are equal to the last bit.
        if self._snapshots:
            base = self._snapshots[-1]
        else:
            base = Totals(
                0,
                np.zeros(self.n_features),
                np.zeros(self.n_features, dtype=np.int64),
                np.zeros(self.n_features),
                np.zeros(N_DEPTHS),
                np.zeros(N_DEPTHS, dtype=np.int64),
                np.zeros(N_DEPTHS),
            )
        if not self._pending:
            return Totals(
                self.n_rounds, base.total_gain, base.n_splits, base.total_cover, base.depth_gain,
                base.depth_splits, base.depth_leaf_hessian,
            )  # fmt: skip
        feature, gain, hessian, depth = (np.concatenate(column) for column in zip(*self._pending, strict=True))
        split = feature >= 0
        feature, gain, cover = feature[split], gain[split], hessian[split]
        depth = np.minimum(depth, N_DEPTHS - 1)
        split_depth, leaf_depth = depth[split], depth[~split]
        n = self.n_features
        return Totals(
            self.n_rounds,
            base.total_gain + np.bincount(feature, gain, n)[:n],
            base.n_splits + np.bincount(feature, minlength=n)[:n],
            base.total_cover + np.bincount(feature, cover, n)[:n],
            base.depth_gain + np.bincount(split_depth, gain, N_DEPTHS),
            base.depth_splits + np.bincount(split_depth, minlength=N_DEPTHS),
            base.depth_leaf_hessian + np.bincount(leaf_depth, hessian[~split], N_DEPTHS),
        )

    def totals(self) -> Totals:
        """Running totals over everything seen (or up to this view's last round)."""
        if self._stop is not None:
            known = [s for s in self._snapshots if s.n_rounds <= self._stop]
            if known and known[-1].n_rounds == min(self._stop, self.n_rounds):
                return known[-1]
            if self._stop < self.n_rounds:
                raise ValueError(f"running totals exist at check rounds and at the end, not after {self._stop} rounds")
        return self._totals()

    def snapshots(self) -> list[Totals]:
        """Totals at each check round so far."""
        if self._stop is None:
            return list(self._snapshots)
        return [s for s in self._snapshots if s.n_rounds <= self._stop]

    def until(self, n_rounds: int) -> TreeSummary:
        """The summary as it was at a check round (or at the end)."""
        view = TreeSummary(self.n_features)
        view.__dict__.update(self.__dict__)
        view._stop = n_rounds
        return view

    def column(self, name: str) -> NDArray[np.float64]:
        """A per-tree column as float64 (n_trees,).

        Names: round_index, class_index, depth, n_leaves, total_gain, max_gain, max_abs_leaf, mean_abs_leaf,
        root_hessian. Raises KeyError for another.
        """
        values = np.array(self._ints[name] if name in self._ints else self._floats[name], dtype=np.float64)
        if self._stop is not None and self._stop < self.n_rounds:
            rounds = np.array(self._ints["round_index"], dtype=np.int64)
            values = values[: np.searchsorted(rounds, self._stop)]
        return values


def _stops(seen: int, n_rounds: int) -> list[int]:
    """Check rounds in (seen, n_rounds], and `n_rounds` itself."""
    return [n for n in range(seen + 1, n_rounds + 1) if n == n_rounds or is_check_round(n)]


def _bytes(values: NDArray[np.generic], dtype: type[np.generic]) -> bytes:
    return np.ascontiguousarray(values, dtype=dtype).tobytes()
