"""Columns that are nearly copies of each other, on the sample: equal in most rows, or one to one under other names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.table_profile import Pair
from treedebug.profiles.measures.table_sample import Table

_MAX_VALUES = 1000
_MIN_VALUES = 3


def with_equal_shares(table: Table, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """The pairs with the share of the sample's rows in which both are equal, or both missing."""
    return tuple(replace(p, equal_share=_equal_share(table, p.first, p.second)) for p in pairs)


def _equal_share(table: Table, first: str, second: str) -> float:
    a, b = table.floats(first), table.floats(second)
    if not len(a):
        return float("nan")
    with np.errstate(invalid="ignore"):
        return float(((a == b) | (np.isnan(a) & np.isnan(b))).mean())


def recoded_columns(table: Table, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Groups of columns that tell each other's values one to one, on the sample; equal ones among them.

    Columns of 3 to 1000 different values, of which one value is there more than once.
    """
    groups: dict[bytes, list[str]] = defaultdict(list)
    for name in names:
        if (
            _MIN_VALUES <= table.scan.columns[name].distinct.estimate() <= _MAX_VALUES
            and table.n_distinct(name) < table.n
        ):
            codes, distinct = table.codes(name)
            if _MIN_VALUES <= len(distinct) < table.n:
                groups[_by_appearance(codes).tobytes()].append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _by_appearance(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) the codes anew: 0 for the first to appear, 1 for the next, and so on, missing ones like any other."""
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[inverse]
