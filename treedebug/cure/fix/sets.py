"""The sets of a cure: rows that teach, rows that judge, and those that prove; one pair of the first two, or folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.cure.shared_rows import row_keys
from treedebug.cure.tables import check_labels, classes_of, unpacked

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RowSet:
    """A table as the user gave it, with labels as numbers and weights."""

    X: Any
    y: Floats
    w: Floats | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.y)

    def take(self, at: Ints) -> RowSet:
        """Return some of the rows."""
        X = self.X.iloc[at] if hasattr(self.X, "iloc") else self.X[at]
        return RowSet(X, self.y[at], None if self.w is None else self.w[at])

    def without(self, columns: Sequence[str]) -> RowSet:
        """Return the part without columns, by name or, of an array, by f0, f1, ..."""
        if not columns:
            return self
        if isinstance(self.X, pd.DataFrame):
            return RowSet(self.X.drop(columns=[c for c in self.X.columns if str(c) in columns]), self.y, self.w)
        numbers = [int(c.lstrip("Column_f")) for c in columns]
        return RowSet(np.delete(np.asarray(self.X), numbers, axis=1), self.y, self.w)

    @property
    def weights(self) -> Floats:
        """Return (n,), ones where none were given."""
        return np.ones(len(self.y)) if self.w is None else self.w


@dataclass(frozen=True, eq=False)
class Sets:
    """What is trained on, what judges, what proves."""

    folds: tuple[tuple[RowSet, RowSet], ...]
    """(train, valid) of each fold; one where a validation set was given."""
    whole: RowSet
    """All rows that may teach the final model."""
    test: RowSet | None
    classes: list[Any] | None
    """The labels behind the numbers, where they were texts."""
    notes: tuple[str, ...] = ()

    @property
    def is_cv(self) -> bool:
        """Whether folds judge."""
        return len(self.folds) > 1

    @property
    def label(self) -> Floats:
        """Return the labels of all rows that judge, fold by fold."""
        return np.concatenate([valid.y for _, valid in self.folds])

    @property
    def weight(self) -> Floats:
        """Return their weights."""
        return np.concatenate([valid.weights for _, valid in self.folds])


def part_of(given: Any, name: str, classes: list[Any] | None) -> RowSet:
    """Return (X, y) or (X, y, weight) as a part. Raise ConfigError for anything else."""
    X, y, weight = unpacked(given, name)
    if not hasattr(X, "iloc"):
        X = np.asarray(X, dtype=np.float64) if not hasattr(X, "tocsr") else X.tocsr()
    values = np.asarray(y).ravel()
    if classes is not None:
        place = {c: float(i) for i, c in enumerate(classes)}
        values = np.array([place[v] for v in values.tolist()])
    label = values.astype(np.float64)
    check_labels(label, X.shape[0], name)
    return RowSet(X, label, None if weight is None else np.asarray(weight, dtype=np.float64))


def known_classes(*given: Any) -> list[Any] | None:
    """Return the kinds of labels that are texts, over all sets."""
    return classes_of(*(g[1] for g in given if isinstance(g, tuple | list) and len(g) > 1))


def folds_of(  # noqa: PLR0913 - each has a default
    part: RowSet, *, n_folds: int, is_classes: bool, group: Any = None, time: Any = None, seed: int = 0
) -> tuple[tuple[RowSet, RowSet], ...]:
    """Return folds: by group where groups are named, forward in time where a time is, else at random, by class.

    Rows that repeat each other stay in one fold.
    """
    if time is not None:
        order = np.argsort(np.asarray(time), kind="stable")
        pieces = np.array_split(order, n_folds + 1)
        return tuple(
            (part.take(np.sort(np.concatenate(pieces[: i + 1]))), part.take(np.sort(pieces[i + 1])))
            for i in range(n_folds)
        )
    key = np.asarray(group) if group is not None else row_keys(part.X, np.zeros(len(part)))
    _, block = np.unique(key, return_inverse=True)
    if block.max() + 1 < n_folds:
        raise ConfigError(f"{block.max() + 1} groups do not make {n_folds} folds")
    fold = _dealt(block, part.y if is_classes else None, n_folds, seed)
    return tuple((part.take(np.flatnonzero(fold != i)), part.take(np.flatnonzero(fold == i))) for i in range(n_folds))


def _dealt(block: Ints, label: Floats | None, n_folds: int, seed: int) -> Ints:
    """Return the fold of each row: blocks in random order, classes one after the other, go round the folds."""
    rng = np.random.default_rng(seed)
    n_blocks = int(block.max()) + 1
    order = rng.permutation(n_blocks)
    if label is not None:
        first = np.zeros(n_blocks)
        first[block] = label  # any label of the block
        order = order[np.argsort(first[order], kind="stable")]
    fold_of_block = np.empty(n_blocks, dtype=np.int64)
    fold_of_block[order] = np.arange(n_blocks) % n_folds
    return fold_of_block[block]
