"""Numbers out of LightGBM's tree sections: one parse per key for a whole batch of trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError
from treedebug.core.run.tree_table import LEAF
from treedebug.readers.lightgbm.lightgbm_text import MAX_DIGITS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Linear = tuple[float, Ints, Floats]


class Columns:
    """The lines of all trees, by key; each method parses one key for all trees at once."""

    def __init__(self, lines: dict[bytes, list[bytes]], *, n_features: int) -> None:
        self._lines = lines
        self.n_features = n_features
        self.n_trees = len(lines[b"num_leaves"])

    def one_per_tree(self, key: bytes, *, default: int | None = None) -> Ints:
        """Return (n_trees,) the integer on the tree's line."""
        found = [v or (b"%d" % default if default is not None else b"") for v in self._lines[key]]
        for i, value in enumerate(found):
            if not (value.isdigit() and len(value) <= MAX_DIGITS):
                raise FormatError(f"expected '{key.decode()}=' and an integer in tree {i}, got {_shown(value)}")
        return np.array([int(v) for v in found], dtype=np.int64)

    def ints(self, key: bytes, sizes: Ints, *, default: int | None = None) -> Ints:
        """Return (sum of sizes,) integers, `default` for trees without the line.

        Without a default the line must be there.
        """
        return self._numbers(key, sizes, np.int64, default)

    def floats(self, key: bytes, sizes: Ints, *, default: float | None = None) -> Floats:
        """Return numbers, like `ints`."""
        return self._numbers(key, sizes, np.float64, default)

    def _numbers(self, key: bytes, sizes: Ints, dtype: Any, default: float | None) -> NDArray[Any]:
        values = self._lines[key]
        counts = np.array([v.count(b" ") + 1 if v else 0 for v in values], dtype=np.int64)
        wrong = counts != sizes
        if default is not None:
            wrong &= counts > 0
        if wrong.any():
            i = int(np.argmax(wrong))
            raise FormatError(f"expected {sizes[i]} values on '{key.decode()}=' of tree {i}, got {counts[i]}")
        parsed = _parse(key, values, int(counts.sum()), dtype)
        if len(parsed) == sizes.sum():
            return parsed
        filled = np.full(int(sizes.sum()), default, dtype=dtype)
        filled[np.repeat(counts > 0, sizes)] = parsed
        return filled

    def spaced(self, key: bytes, sizes: Ints, dtype: Any) -> NDArray[Any]:
        """Return (sum of sizes,) numbers of a line with any number of spaces between them (the linear leaves)."""
        counts = np.array([len(v.split()) for v in self._lines[key]], dtype=np.int64)
        if (counts != sizes).any():
            i = int(np.argmax(counts != sizes))
            raise FormatError(f"expected {sizes[i]} values on '{key.decode()}=' of tree {i}, got {counts[i]}")
        return _parse(key, self._lines[key], int(sizes.sum()), dtype)

    def check_features(self, key: bytes, features: Ints) -> None:
        """Raise FormatError for a feature index outside the table."""
        if len(features) and (features.min() < 0 or features.max() >= self.n_features):
            raise FormatError(
                f"expected feature indices below {self.n_features} on '{key.decode()}=', "
                f"got {features.min()}..{features.max()}"
            )


def _parse(key: bytes, values: Sequence[bytes], expected: int, dtype: Any) -> NDArray[Any]:
    # The closing 0 makes an unreadable last number shorten the result, also where numpy only warns of it.
    text = b" ".join([v for v in values if v] + [b"0"])
    try:
        parsed: NDArray[Any] = np.fromstring(text, dtype=dtype, sep=" ")
    except (ValueError, DeprecationWarning):
        parsed = np.empty(0, dtype=dtype)
    if len(parsed) != expected + 1:
        kind = "integers" if dtype is np.int64 else "numbers"
        raise FormatError(f"expected {kind} on every line '{key.decode()}=', got something else: damaged")
    return parsed[:-1]


class Layout:
    """Where each split and each leaf stands among the flat nodes: a tree's splits first, then its leaves.

    LightGBM numbers splits in the order it made them, so a child split always has a higher number than its parent.
    """

    def __init__(self, lines: Columns) -> None:
        self.n_leaves = lines.one_per_tree(b"num_leaves")
        if (self.n_leaves < 1).any():
            raise FormatError("expected 'num_leaves=' of at least 1 in every tree")
        self.n_splits = self.n_leaves - 1
        # Lines are counted before anything is allocated, so a false num_leaves cannot ask for much memory.
        self.left = lines.ints(b"left_child", self.n_splits)
        self.right = lines.ints(b"right_child", self.n_splits)
        self.offsets = np.concatenate([[0], np.cumsum(2 * self.n_leaves - 1)])
        self.split_tree = np.repeat(np.arange(lines.n_trees), self.n_splits)
        self.split_number = _counter(self.n_splits)
        self.splits = self.split_number + self.offsets[self.split_tree]
        self.leaves = _counter(self.n_leaves) + np.repeat(self.offsets[:-1] + self.n_splits, self.n_leaves)

    @property
    def n_nodes(self) -> int:
        """Nodes of all trees."""
        return int(self.offsets[-1])

    def place(self, splits: NDArray[Any] | None, leaves: NDArray[Any] | None, *, fill: Any, dtype: Any) -> NDArray[Any]:
        """Return (n_nodes,) the values of splits and of leaves at their places, `fill` elsewhere."""
        array: NDArray[Any] = np.full(self.n_nodes, fill, dtype=dtype)
        if splits is not None:
            array[self.splits] = splits
        if leaves is not None:
            array[self.leaves] = leaves
        return array

    def children(self, raw: Ints) -> Ints:
        """Return node numbers within the tree for LightGBM's child numbers (i: split i, ~i: leaf i)."""
        n_splits = self.n_splits[self.split_tree]
        later_split = (raw > self.split_number) & (raw < n_splits)
        leaf = (raw < 0) & (raw >= -n_splits - 1)
        if not (later_split | leaf).all():
            i = int(np.argmin(later_split | leaf))
            raise FormatError(
                f"expected children to be later splits or leaves of their tree, got child {raw[i]} "
                f"of split {self.split_number[i]} in tree {self.split_tree[i]}"
            )
        return np.where(leaf, ~raw + n_splits, raw)

    def depth(self, left: Ints, right: Ints) -> Ints:
        """Return (n_nodes,) depth, a level at a time over all trees.

        Raise FormatError unless each node has one parent.
        """
        flat = np.concatenate([left, right]) + np.tile(self.offsets[self.split_tree], 2)
        parents = np.bincount(flat, minlength=self.n_nodes)
        parents[self.offsets[:-1]] += 1
        if (parents != 1).any():
            bad = int(np.searchsorted(self.offsets, np.argmax(parents != 1), side="right")) - 1
            raise FormatError(f"expected every node but the root to have one parent; in tree {bad} one has not")
        of_split = np.full((2, self.n_nodes), LEAF)
        of_split[:, self.splits] = flat.reshape(2, -1)
        depth = np.zeros(self.n_nodes, dtype=np.int64)
        level, nodes = 0, self.offsets[:-1]
        while len(nodes):
            depth[nodes] = level
            nodes, level = of_split[:, nodes].ravel(), level + 1
            nodes = nodes[nodes >= 0]
        return depth


def _counter(sizes: Ints) -> Ints:
    """Return 0, 1, ... size - 1 for each size, one after the other."""
    return np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def read_categories(
    lines: Columns, at: Layout, *, categorical: NDArray[np.bool_], thresholds: Floats
) -> dict[int, Ints]:
    """Return flat position -> categories that go left, for the splits that are categorical.

    LightGBM stores a set of categories as bits in 32-bit words; `threshold` is the number of the set in its tree.
    """
    if not categorical.any():
        return {}
    n_sets = lines.one_per_tree(b"num_cat", default=0)
    sizes = np.where(n_sets > 0, n_sets + 1, 0)
    bounds = lines.ints(b"cat_boundaries", sizes)
    first_bound = np.cumsum(sizes) - sizes
    n_words = _words_per_tree(bounds, n_sets)
    words = lines.ints(b"cat_threshold", n_words)
    if len(words) and (words.min() < 0 or words.max() >= 2**32):
        raise FormatError("expected 32-bit words on 'cat_threshold=': damaged")
    numbers, trees = thresholds[categorical], at.split_tree[categorical]
    if not ((numbers >= 0) & (numbers < n_sets[trees])).all():
        raise FormatError("expected a categorical split's threshold to number one of its tree's category sets")
    which = first_bound[trees] + numbers.astype(np.int64)
    first_word = (np.cumsum(n_words) - n_words)[trees]
    begin, end = 32 * (first_word + bounds[which]), 32 * (first_word + bounds[which + 1])
    bits = np.flatnonzero(np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little"))
    slices = zip(np.searchsorted(bits, begin), np.searchsorted(bits, end), begin, strict=True)
    return {int(p): bits[i:j] - start for p, (i, j, start) in zip(at.splits[categorical], slices, strict=True)}


def _words_per_tree(bounds: Ints, n_sets: Ints) -> Ints:
    """Return (n_trees,) length of the line `cat_threshold`, from the boundaries of the category sets in it."""
    n_words = np.zeros(len(n_sets), dtype=np.int64)
    has = n_sets > 0
    ends = np.cumsum(n_sets[has] + 1)
    starts = ends - n_sets[has] - 1
    steps = np.diff(bounds)
    steps[ends[:-1] - 1] = 0
    if bounds[starts].any() or (steps < 0).any() or (bounds > 2**31).any():
        raise FormatError("expected 'cat_boundaries=' to start at 0 and to rise: damaged")
    n_words[has] = bounds[ends - 1]
    return n_words


def read_linear(lines: Columns, at: Layout) -> dict[int, Linear]:
    """Return flat leaf position -> (constant, features, coefficients), for the leaves of linear trees."""
    linear = lines.one_per_tree(b"is_linear", default=0) > 0
    if not linear.any():
        return {}
    sizes = np.where(linear, at.n_leaves, 0)
    constants = lines.floats(b"leaf_const", sizes)
    counts = lines.ints(b"num_features", sizes)
    if (counts < 0).any() or (counts > lines.n_features).any():
        raise FormatError(f"expected 'num_features=' between 0 and {lines.n_features}: damaged")
    bounds = np.concatenate([[0], np.cumsum(counts)])
    per_tree = np.diff(bounds[np.concatenate([[0], np.cumsum(sizes)])])
    features = lines.spaced(b"leaf_features", per_tree, np.int64)
    coefficients = lines.spaced(b"leaf_coeff", per_tree, np.float64)
    lines.check_features(b"leaf_features", features)
    positions = at.leaves[np.repeat(linear, at.n_leaves)]
    return {
        int(p): (float(c), features[a:b], coefficients[a:b])
        for p, c, a, b in zip(positions, constants, bounds[:-1], bounds[1:], strict=True)
    }


def _shown(value: bytes) -> str:
    return repr(value[:40].decode("latin-1")) if value else "nothing"
