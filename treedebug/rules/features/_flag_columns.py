"""Unused features beside flags of the same kind: a level of a one-hot encoding that the others tell already."""

from __future__ import annotations

import re

import numpy as np

from treedebug.signals.features.importance_share import FeatureShares, SplitPoints

_FEW_PLACES = 0.5
"""Distinct thresholds a split, counted anew at each check, of a column that is split in the same place again."""
_LAST_PART = re.compile(r"(?<=.)[_=.:\-\[ ][^_=.:\-\[ ]*$|\d+$")


def other_levels(unused: list[str], shares: FeatureShares, points: SplitPoints) -> list[str]:
    """Return those of the unused features whose name begins like that of a used one that is split in few places."""
    flags = shares.names(np.flatnonzero(points.variety <= _FEW_PLACES))
    stems = {_stem(name) for name in flags} - {""}
    return [name for name in unused if _stem(name) in stems]


def _stem(name: str) -> str:
    """`kind_5` and `kind=red` are levels of `kind`; `f12` and `Column_3` are names of no kind."""
    found = _LAST_PART.search(name)
    stem = name[: found.start()] if found else ""
    return "" if stem in ("f", "Column", "feature", "x", "X") else stem
