"""TreeSummary: what the rules need of the trees, small enough to keep in memory while the trees go to disk.

A handful of numbers a tree, and running totals per feature and per depth, kept only as snapshots at check rounds:
memory grows with 88 bytes a tree and with the logarithm of the rounds for the totals.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.round_schedule import check_rounds, is_check_round
from treedebug.core.run.tree_table import TreeTable

_INT_COLUMNS = ("round_index", "class_index", "depth", "n_leaves", "splits_hash")
_FLOAT_COLUMNS = ("total_gain", "max_gain", "min_gain", "max_abs_leaf", "mean_abs_leaf", "root_hessian")


@dataclass(frozen=True)
class Totals:
    """Running totals over the first `n_rounds` rounds.

    `features` (n_used,) are the features split on so far, ascending; `total_gain`, `n_splits`, `total_cover` (n_used,)
    belong to them: memory grows with what is used, however many features a header names. `depth_gain`, `depth_splits`,
    `depth_leaf_hessian`: (64,), by depth, deeper nodes counted in the last; `depth_leaf_hessian` is the hessian mass of
    the leaves at each depth. `n_thresholds` (n_used,) counts the distinct thresholds between two snapshots, summed over
    them. `leaf_weight` (64,) is what rests on leaves of each size, hessian mass times squared value: at k the leaves
    from 2**-k of the root's mass on, up to the next size.
    """

    n_rounds: int
    features: NDArray[np.int64]
    total_gain: NDArray[np.float64]
    n_splits: NDArray[np.int64]
    total_cover: NDArray[np.float64]
    depth_gain: NDArray[np.float64]
    depth_splits: NDArray[np.int64]
    depth_leaf_hessian: NDArray[np.float64]
    n_thresholds: NDArray[np.int64]
    leaf_weight: NDArray[np.float64]

    def gain_of(self, features: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the total gain of features by index, ascending; 0 where there was no split."""
        return _spread(self.total_gain, self.features, features)


N_DEPTHS = 64
_HASH_BITS = 40
_ODD = np.uint64(0x9E3779B97F4A7C15)
_16, _LOW, _HIGH = np.uint64(16), np.uint64(64 - _HASH_BITS), np.uint64(_HASH_BITS)


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
        self._leaves: list[tuple[NDArray[np.generic], ...]] = []
        self._stop: int | None = None
        self._at_stop: Totals | None = None
        self._columns: dict[str, NDArray[np.float64]] = {}
        """Those asked for, of a view: many signals read the same."""

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
            self._leaves.clear()

    @np.errstate(all="ignore")
    def _add(self, table: TreeTable) -> None:
        starts = table.offsets[:-1]
        leaf = table.is_leaf
        absolute = np.abs(np.where(leaf, table.leaf_value, 0.0))
        if table.leaf_vectors is not None:
            absolute = np.where(leaf, np.abs(table.leaf_vectors).max(axis=1, initial=0.0), 0.0)
        absolute *= np.repeat(table.weight, np.diff(table.offsets))
        n_leaves = np.add.reduceat(leaf.astype(np.int64), starts)
        root, key = table.sum_hessian[starts], _split_keys(table)
        self._ints["round_index"].frombytes(_bytes(table.round_index, np.int64))
        self._ints["class_index"].frombytes(_bytes(table.class_index, np.int64))
        self._ints["depth"].frombytes(_bytes(np.maximum.reduceat(table.depth, starts), np.int64))
        self._ints["n_leaves"].frombytes(_bytes(n_leaves, np.int64))
        # `left` tells where in the tree a split stands; as many bits are kept as a float64 holds, for `column`.
        self._ints["splits_hash"].frombytes(
            _bytes(np.add.reduceat(key * table.left.view(np.uint64), starts) >> _16, np.int64)
        )
        least = np.minimum.reduceat(np.where(leaf, np.inf, table.split_gain), starts)
        for name, values in (
            ("total_gain", np.add.reduceat(table.split_gain, starts)),
            ("max_gain", np.maximum.reduceat(table.split_gain, starts)),
            ("min_gain", np.where(n_leaves > 1, least, 0.0)),
            ("max_abs_leaf", np.maximum.reduceat(absolute, starts)),
            ("mean_abs_leaf", np.add.reduceat(absolute, starts) / n_leaves),
            ("root_hessian", root),
        ):
            self._floats[name].frombytes(_bytes(values, np.float64))
        mass = table.sum_hessian[leaf]
        with np.errstate(all="ignore"):
            halvings = np.frexp(mass / np.repeat(root, n_leaves))[1]  # exact: it depends on nothing but the two numbers
            weight = mass * np.square(absolute[leaf])
        self._pending.append((table.feature, table.split_gain, table.sum_hessian, table.depth, key))
        self._leaves.append((halvings, weight))

    def _totals(self) -> Totals:
        # One bincount over everything since the last snapshot, so that the sums do not depend on how the rounds were
        # batched: live and replayed totals are equal to the last bit.
        base = self._snapshots[-1] if self._snapshots else _no_totals()
        if not self._pending:
            return replace(base, n_rounds=self.n_rounds)
        feature, gain, hessian, depth, key = _joined(self._pending)
        halvings, leaf_weight = _joined(self._leaves)
        split = feature >= 0
        depth = np.minimum(depth, N_DEPTHS - 1)
        split_depth, leaf_depth = depth[split], depth[~split]
        size = np.minimum(np.maximum(1 - halvings, 0), N_DEPTHS - 1)
        named = split & (feature < self.n_features)
        found, n_distinct = _distinct(key[named])
        features = np.union1d(base.features, found)
        place, n = np.searchsorted(features, feature[named]), len(features)

        def grown(values: NDArray[Any], more: NDArray[Any]) -> NDArray[Any]:
            return np.asarray(_spread(values, base.features, features) + more)

        return Totals(
            self.n_rounds,
            features,
            grown(base.total_gain, np.bincount(place, gain[named], n)),
            grown(base.n_splits, np.bincount(place, minlength=n)),
            grown(base.total_cover, np.bincount(place, hessian[named], n)),
            base.depth_gain + np.bincount(split_depth, gain[split], N_DEPTHS),
            base.depth_splits + np.bincount(split_depth, minlength=N_DEPTHS),
            base.depth_leaf_hessian + np.bincount(leaf_depth, hessian[~split], N_DEPTHS),
            grown(base.n_thresholds, _spread(n_distinct, found, features)),
            base.leaf_weight + np.bincount(size, leaf_weight, N_DEPTHS),
        )

    @property
    def n_seen(self) -> int:
        """Rounds seen, up to this view's last round."""
        return self.n_rounds if self._stop is None else min(self._stop, self.n_rounds)

    def totals(self) -> Totals:
        """Return running totals over everything seen (or up to this view's last round)."""
        if self._stop is None:
            return self._totals()
        if self._at_stop is None:
            self._at_stop = self._totals_at(self._stop)
        return self._at_stop

    def _totals_at(self, stop: int) -> Totals:
        if stop == 0:
            return _no_totals()
        known = [s for s in self._snapshots if s.n_rounds <= stop]
        if known and known[-1].n_rounds == min(stop, self.n_rounds):
            return known[-1]
        if stop < self.n_rounds:
            raise ValueError(f"running totals exist at check rounds and at the end, not after {stop} rounds")
        return self._totals()

    def snapshots(self) -> list[Totals]:
        """Return the totals at each check round so far."""
        if self._stop is None:
            return list(self._snapshots)
        return [s for s in self._snapshots if s.n_rounds <= self._stop]

    def until(self, n_rounds: int) -> TreeSummary:
        """Return the summary as it was at a check round (or at the end)."""
        view = TreeSummary(self.n_features)
        view.__dict__.update(self.__dict__)
        view._stop, view._at_stop, view._columns = n_rounds, None, {}
        return view

    def column(self, name: str) -> NDArray[np.float64]:
        """Return a per-tree column as float64 (n_trees,). Raise KeyError for an unknown name.

        round_index, class_index, depth, n_leaves, splits_hash (equal for trees of the same splits), total_gain,
        max_gain, min_gain (of the tree's splits), max_abs_leaf, mean_abs_leaf, root_hessian.
        """
        if name in self._columns:
            return self._columns[name]
        values = np.array(self._ints[name] if name in self._ints else self._floats[name], dtype=np.float64)
        if self._stop is not None:
            if self._stop < self.n_rounds:
                rounds = np.array(self._ints["round_index"], dtype=np.int64)
                values = values[: np.searchsorted(rounds, self._stop)]
            values.flags.writeable = False
            self._columns[name] = values
        return values


def _no_totals() -> Totals:
    gain, count = np.zeros(0), np.zeros(0, dtype=np.int64)
    by_depth = np.zeros(N_DEPTHS)
    return Totals(0, count, gain, count, gain, by_depth, np.zeros(N_DEPTHS, dtype=np.int64), by_depth, count, by_depth)


def _spread(values: NDArray[Any], features: NDArray[np.int64], onto: NDArray[np.int64]) -> NDArray[Any]:
    """Return (len(onto),) the values of `features` at their places in `onto`, 0 elsewhere; both ascending."""
    out = np.zeros(len(onto), dtype=values.dtype)
    place = np.searchsorted(onto, features)
    known = place < len(onto)
    known[known] = onto[place[known]] == features[known]
    out[place[known]] = values[known]
    return out


def _joined(pending: list[tuple[NDArray[np.generic], ...]]) -> list[NDArray[Any]]:
    return list(pending[0]) if len(pending) == 1 else [np.concatenate(column) for column in zip(*pending, strict=True)]


def _split_keys(table: TreeTable) -> NDArray[np.uint64]:
    """Return (n_nodes,) the feature in the upper bits, a hash of the threshold below: equal for equal splits."""
    key = np.ascontiguousarray(table.threshold).view(np.uint64) * _ODD
    key >>= _LOW
    key |= table.feature.view(np.uint64) << _HIGH
    return np.asarray(key)


def _distinct(key: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the features among the keys, ascending, and the number of different keys of each."""
    key = np.sort(key)
    new = np.ones(len(key), dtype=bool)
    np.not_equal(key[1:], key[:-1], out=new[1:])
    found, counts = np.unique((key[new] >> _HIGH).view(np.int64), return_counts=True)
    return found, counts.astype(np.int64)


def _stops(seen: int, n_rounds: int) -> list[int]:
    """Check rounds in (seen, n_rounds], and `n_rounds` itself."""
    stops = list(check_rounds(n_rounds, after=seen))
    return stops if n_rounds <= seen or (stops and stops[-1] == n_rounds) else [*stops, n_rounds]


def _bytes(values: NDArray[np.generic], dtype: type[np.generic]) -> bytes:
    return np.ascontiguousarray(values, dtype=dtype).tobytes()
