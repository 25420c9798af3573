"""Columns of numbers in which each value has one label, while neighbouring values differ: they name somebody."""

from __future__ import annotations

import numpy as np

from treedebug.core.data.column_profile import NUMBER
from treedebug.core.data.label_traces import OneLabel
from treedebug.profiles.measures.table_sample import Table

_MIN_VALUES = 20
_ROWS_EACH = 1.5
_TELLS = 0.8
"""Of the way from the share of a label to all values."""


def one_label(table: Table, name: str, label: str) -> OneLabel | None:
    """Return how many values of a column have one label; None for any but numbers that repeat.

    Copies of a row count once: that they share their label says nothing of the column.
    """
    if not names_values(table, name):
        return None
    codes, distinct = table.codes(name)
    classes, values = table.codes(label)
    known = (codes >= 0) & (classes >= 0) & _first_of_copies(table)
    if not known.any() or len(values) > table.n / _ROWS_EACH:
        return None
    counts, most, first = _labels_of_values(codes[known], classes[known], len(distinct), len(values))
    several = counts > 1
    if several.sum() < _MIN_VALUES:
        return None
    shares = np.bincount(classes[known], minlength=len(values)) / known.sum()
    n_rows, n_of = np.unique(counts[several], return_counts=True)
    expected = float(sum(k * (shares**n).sum() for n, k in zip(n_rows.tolist(), n_of.tolist(), strict=True)))
    pure = several & (most == counts)
    mains = first[pure]
    if _all_of_one_class(mains, shares):
        return None
    return OneLabel(
        n_values=int(several.sum()),
        n_pure=int(pure.sum()),
        expected=expected,
        n_rows=int(counts[pure].sum()),
        neighbours=float((mains[1:] == mains[:-1]).mean()) if len(mains) > 1 else 1.0,
        by_chance=float(np.square(np.bincount(mains) / max(len(mains), 1)).sum()) if len(mains) else 1.0,
    )


def _all_of_one_class(mains: np.ndarray, shares: np.ndarray) -> bool:
    """Return whether nearly all values have the one label, far more than its share: a feature that tells a class."""
    if not len(mains):
        return False
    counts = np.bincount(mains, minlength=len(shares))
    top = int(counts.argmax())
    return bool(counts[top] / len(mains) - shares[top] >= _TELLS * (1.0 - shares[top]))


def names_values(table: Table, name: str) -> bool:
    """Return whether a column has numbers that repeat, as those of people with several rows do."""
    column = table.scan.columns[name]
    if column.kind != NUMBER or not column.moments.n:
        return False
    return bool(_MIN_VALUES <= column.distinct.estimate() <= column.n_rows / _ROWS_EACH)


def known_share(train: Table, other: Table, name: str) -> float:
    """Return the share of the other set's rows whose value of a column of numbers the training data has."""
    if other.is_coded(name):
        return 0.0
    values = other.floats(name)
    return float(np.isin(values[~np.isnan(values)], train.ordered(name)).mean()) if other.present(name).any() else 0.0


def _first_of_copies(table: Table) -> np.ndarray:
    first = np.zeros(table.n, dtype=bool)
    first[np.unique(table.beside("hash"), return_index=True)[1]] = True
    return first


def _labels_of_values(
    codes: np.ndarray, classes: np.ndarray, n_values: int, n_classes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n_values,) each: rows, rows of the most frequent label, and that label."""
    pairs, n = np.unique(codes * n_classes + classes, return_counts=True)
    of, label = pairs // n_classes, pairs % n_classes
    order = np.lexsort((n, of))
    last = np.append(of[order][1:] != of[order][:-1], True)
    most, main = np.zeros(n_values, dtype=np.int64), np.zeros(n_values, dtype=np.int64)
    most[of[order][last]], main[of[order][last]] = n[order][last], label[order][last]
    return np.bincount(codes, minlength=n_values), most, main
