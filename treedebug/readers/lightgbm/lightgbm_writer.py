"""Other trees in a LightGBM model text: everything around them stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.lightgbm.lightgbm_reader import assembled
from treedebug.readers.lightgbm.lightgbm_text import ModelText, split_text

Floats = NDArray[np.float64]
_CATEGORICAL, _DEFAULT_LEFT, _MISSING_SHIFT = 1, 2, 2
_EXACT = 17
"""Digits that give a double back as it was."""


def with_trees(
    raw: bytes, table: TreeTable, weights: Floats, *, shrinkage: float = 1.0, columns: Sequence[int] | None = None
) -> bytes:
    """Return the model with the trees of `table` in place of its own.

    `weights` (n_nodes,) are the values of all nodes, those of splits included; masses and gains are written to six
    digits, leaf values and thresholds in the fewest digits that give them back. With `columns` the model takes only
    these features, in this order. Raise ConfigError for linear trees and columns that cannot be dropped.
    """
    text = split_text(raw)
    if table.linear:
        raise ConfigError("linear trees are not rewritten")
    trees = [_section(table, t, weights, shrinkage, columns) for t in range(table.n_trees)]
    return assembled(trees, text if columns is None else _narrowed(text, columns))


def shrinkages(raw: bytes) -> list[float]:
    """Return the learning rate that each tree was scaled by, 1 where the text does not say."""
    found = [re.search(rb"^shrinkage=(\S+)$", tree, re.MULTILINE) for tree in split_text(raw).trees]
    return [float(match.group(1)) if match else 1.0 for match in found]


def _section(table: TreeTable, t: int, weights: Floats, shrinkage: float, columns: Sequence[int] | None) -> bytes:
    a, b = int(table.offsets[t]), int(table.offsets[t + 1])
    split = np.arange(a, b)[table.feature[a:b] >= 0]
    leaf = np.arange(a, b)[table.feature[a:b] < 0]
    number = np.empty(b - a, dtype=np.int64)
    number[split - a] = np.arange(len(split))
    number[leaf - a] = ~np.arange(len(leaf))
    place = {old: new for new, old in enumerate(columns)} if columns is not None else {}
    features = [place.get(int(f), int(f)) for f in table.feature[split]]
    sets = [table.categories[int(i)] for i in split if int(i) in table.categories]
    bounds, words = _bits(sets)
    thresholds, decisions = _decisions(table, split)
    lines: list[tuple[str, str]] = [
        ("num_leaves", str(len(leaf))),
        ("num_cat", str(len(sets))),
        ("split_feature", _joined(features)),
        ("split_gain", _short(table.split_gain[split])),
        ("threshold", thresholds),
        ("decision_type", _joined(decisions)),
        ("left_child", _joined(number[table.left[split]])),
        ("right_child", _joined(number[table.right[split]])),
        ("leaf_value", " ".join(map(fewest, table.leaf_value[leaf]))),
        ("leaf_weight", _short(np.nan_to_num(table.sum_hessian[leaf])) if len(split) else ""),
        ("leaf_count", _joined(np.maximum(table.n_rows[leaf], 0))),
        ("internal_value", _short(weights[split])),
        ("internal_weight", _short(np.nan_to_num(table.sum_hessian[split]))),
        ("internal_count", _joined(np.maximum(table.n_rows[split], 0))),
    ]
    if sets:
        lines += [("cat_boundaries", _joined(bounds)), ("cat_threshold", _joined(words))]
    lines += [("is_linear", "0"), ("shrinkage", f"{shrinkage:g}")]
    return ("\n".join(f"{k}={v}" for k, v in lines) + "\n\n").encode()


def _decisions(table: TreeTable, split: NDArray[np.int64]) -> tuple[str, list[int]]:
    """Return the line of thresholds, in which a categorical split has the number of its set, and of decision types."""
    thresholds, decisions, n_sets = [], [], 0
    for i in map(int, split):
        kind = _DEFAULT_LEFT * bool(table.default_left[i]) | int(table.missing_type[i]) << _MISSING_SHIFT
        if i in table.categories:
            thresholds.append(str(n_sets))
            kind |= _CATEGORICAL
            n_sets += 1
        else:
            thresholds.append(fewest(table.threshold[i]))
        decisions.append(kind)
    return " ".join(thresholds), decisions


def _bits(sets: Sequence[NDArray[np.int64]]) -> tuple[list[int], list[int]]:
    """Return the sets as bits in 32-bit words: where each begins, and the words."""
    bounds, words = [0], []
    for members in sets:
        mine = [0] * (int(members.max(initial=0)) // 32 + 1)
        for m in map(int, members):
            mine[m // 32] |= 1 << (m % 32)
        words += mine
        bounds.append(len(words))
    return bounds, words


def fewest(value: float) -> str:
    """Return a number in the fewest digits that give it back."""
    text = repr(float(value))
    return text.removesuffix(".0")


def _short(values: Iterable[float]) -> str:
    return " ".join(f"{v:.6g}" for v in values)


def _joined(values: Iterable[Any]) -> str:
    return " ".join(str(int(v)) for v in values)


_PER_FEATURE = ("feature_names", "feature_infos", "monotone_constraints")


def _narrowed(text: ModelText, columns: Sequence[int]) -> ModelText:
    """Return the model text with a head for these features alone."""
    categories = text.tail.partition(b"\npandas_categorical:")[2].strip()
    if categories not in (b"", b"null", b"[]"):
        raise ConfigError("features cannot be dropped from a model that maps a frame's categories: keep them all")
    lines = text.head.decode().split("\n")
    for i, line in enumerate(lines):
        key, _, value = line.partition("=")
        words = value.split(" ")
        if key in _PER_FEATURE and len(words) == text.n_features:
            lines[i] = f"{key}={' '.join(words[c] for c in columns)}"
        elif key == "max_feature_idx":
            lines[i] = f"{key}={len(columns) - 1}"
    head = "\n".join(lines)
    header = {k: v for k, _, v in (line.partition("=") for line in lines if line)}
    return ModelText(head.encode(), text.trees, text.tail, header)
