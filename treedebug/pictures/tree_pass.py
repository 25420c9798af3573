"""One pass over the recorded trees for all pictures of trees and features: sums in bins of rounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.records import tree_tables
from treedebug.core.run.run_data import RunData
from treedebug.core.run.tree_table import TreeTable
from treedebug.pictures.picture import Floats, Ints, once
from treedebug.pictures.thinning import round_bins

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
MOST_FEATURE_BINS = 60


@dataclass(frozen=True, kw_only=True, eq=False)
class TreePass:
    """What was seen. Arrays by bin have shape (n_bins,), with features (n_features, n_feature_bins)."""

    edges: Ints
    """(n_bins + 1,) rounds."""
    n_trees: Ints
    depth: Floats
    """Mean over the trees."""
    deepest: Floats
    leaves: Floats
    """Mean over the trees."""
    gain: Floats
    """Summed over the splits, mean over the trees."""
    sum_hessian: Floats
    """Of the roots, mean over the trees."""
    leaf_quantiles: Floats
    """(n_bins, len(QUANTILES)) of the leaf values."""
    feature_edges: Ints
    """(n_feature_bins + 1,) rounds."""
    feature_gain: Floats
    feature_splits: Floats
    feature_cover: Floats


def tree_pass(run: RunData) -> TreePass | None:
    """Return what one pass over all trees found; None for a run without trees."""
    return once(run, _tree_pass)


def _tree_pass(run: RunData) -> TreePass | None:
    start = run.header.start_round
    tables = [t for t in tree_tables(run.trees) if t.n_trees]
    if not tables:
        return None
    start = min(start, int(tables[0].round_index[0]))
    n_rounds = max(run.n_rounds, int(tables[-1].round_index[-1]) + 1)
    sums = _Sums(
        round_bins(n_rounds, start=start),
        round_bins(n_rounds, start=start, most=MOST_FEATURE_BINS),
        _width(run, tables),
    )
    for table in tables:
        sums.add(table)
    return sums.result()


def _width(run: RunData, tables: list[TreeTable]) -> int:
    return max(run.header.n_features, *(int(t.feature.max(initial=-1)) + 1 for t in tables), 1)


class _Sums:
    def __init__(self, edges: Ints, feature_edges: Ints, n_features: int) -> None:
        self.edges, self.feature_edges, self.n_features = edges, feature_edges, n_features
        n, m = len(edges) - 1, len(feature_edges) - 1
        self.n_trees, self.depth, self.deepest = np.zeros(n), np.zeros(n), np.zeros(n)
        self.leaves, self.gain, self.hessian = np.zeros(n), np.zeros(n), np.zeros(n)
        self.feature_gain, self.feature_splits = np.zeros(n_features * m), np.zeros(n_features * m)
        self.feature_cover = np.zeros(n_features * m)
        self.leaf_values: list[tuple[NDArray[np.int64], Floats]] = []

    def add(self, table: TreeTable) -> None:
        """Add the trees of one batch."""
        starts, sizes = table.offsets[:-1], np.diff(table.offsets)
        leaf, n = table.is_leaf, len(self.n_trees)
        place = np.searchsorted(self.edges, table.round_index, side="right") - 1
        depth = np.maximum.reduceat(table.depth, starts)
        gain = np.where(leaf | ~np.isfinite(table.split_gain), 0.0, table.split_gain)
        self.n_trees += np.bincount(place, minlength=n)
        self.depth += np.bincount(place, depth, n)
        np.maximum.at(self.deepest, place, depth)
        self.leaves += np.bincount(place, np.add.reduceat(leaf.astype(np.int64), starts), n)
        self.gain += np.bincount(place, np.add.reduceat(gain, starts), n)
        self.hessian += np.bincount(place, table.sum_hessian[starts], n)
        values = table.leaf_value if table.leaf_vectors is None else table.leaf_vectors.mean(axis=1)
        self.leaf_values.append((np.repeat(place, sizes)[leaf], (values * np.repeat(table.weight, sizes))[leaf]))
        self._add_features(table, ~leaf, gain, sizes)

    def _add_features(self, table: TreeTable, split: NDArray[np.bool_], gain: Floats, sizes: NDArray[np.int64]) -> None:
        m = len(self.feature_edges) - 1
        place = np.repeat(np.searchsorted(self.feature_edges, table.round_index, side="right") - 1, sizes)[split]
        key = table.feature[split] * m + place
        size = self.n_features * m
        self.feature_gain += np.bincount(key, gain[split], size)
        self.feature_splits += np.bincount(key, minlength=size)
        self.feature_cover += np.bincount(key, np.nan_to_num(table.sum_hessian[split]), size)

    def result(self) -> TreePass:
        """Return means and quantiles."""
        shape = (self.n_features, len(self.feature_edges) - 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = [v / self.n_trees for v in (self.depth, self.leaves, self.gain, self.hessian)]
        return TreePass(
            edges=self.edges,
            n_trees=self.n_trees.astype(np.int64),
            depth=means[0],
            deepest=np.where(self.n_trees > 0, self.deepest, np.nan),
            leaves=means[1],
            gain=means[2],
            sum_hessian=means[3],
            leaf_quantiles=_quantiles(self.leaf_values, len(self.n_trees)),
            feature_edges=self.feature_edges,
            feature_gain=self.feature_gain.reshape(shape),
            feature_splits=self.feature_splits.reshape(shape),
            feature_cover=self.feature_cover.reshape(shape),
        )


def _quantiles(parts: list[tuple[NDArray[np.int64], Floats]], n_bins: int) -> Floats:
    """Return (n_bins, len(QUANTILES)) of the finite leaf values in each bin; NaN for a bin without any."""
    place, values = np.concatenate([p for p, _ in parts]), np.concatenate([v for _, v in parts])
    finite = np.isfinite(values)
    place, values = place[finite], values[finite]
    values = values[np.lexsort((values, place))]
    ends = np.cumsum(np.bincount(place, minlength=n_bins))
    starts = np.concatenate([[0], ends[:-1]])
    found = np.full((n_bins, len(QUANTILES)), np.nan)
    filled = ends > starts
    at = starts[filled, None] + ((ends - starts - 1)[filled, None] * np.array(QUANTILES)).round().astype(np.int64)
    found[filled] = values[at]
    return found
