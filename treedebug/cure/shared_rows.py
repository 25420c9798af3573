"""Rows of one set that stand in another: a judge that has seen the answers is none (DA606)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.cure.tables import FEWEST_ROWS, Labelled

_SPREAD = 3.0
"""Standard deviations by which copies must outnumber those that chance makes, where rows repeat themselves anyway."""


class Apart(NamedTuple):
    """A set without the rows that another one holds."""

    rows: Labelled
    note: str
    """What was left out, in words; "" where nothing was."""


def without_shared(rows: Labelled, others: Labelled, *, name: str, other: str) -> Apart:
    """Return the rows without copies of other rows, where there are more than the data's own repetition explains.

    Raise ConfigError where too few are left.
    """
    keys, known = _keys(rows), _keys(others)
    shared = np.isin(keys, known)
    n, n_shared = len(keys), int(shared.sum())
    if not n_shared:
        return Apart(rows, "")
    _, at, counts = np.unique(known, return_inverse=True, return_counts=True)
    usual = float((counts[at] > 1).mean())  # rows of the other set that have a twin within it
    expected = usual * n
    if n_shared <= expected + _SPREAD * np.sqrt(max(expected * (1 - usual), 1.0)):
        return Apart(rows, "")
    if n - n_shared < FEWEST_ROWS:
        raise ConfigError(
            f"{n_shared} of {n} rows of {name} stand in {other}, too (DA606): without them {n - n_shared} are left, and "
            f"at least {FEWEST_ROWS} are needed; give rows that no training has seen"
        )
    note = f"{n_shared} of {n} rows of {name} stand in {other}, too (DA606, overlapping-splits): left out"
    return Apart(rows.take(np.flatnonzero(~shared)), note)


def _keys(rows: Labelled) -> NDArray[np.uint64]:
    """Return a hash of each row and its label; equal rows have equal ones."""
    mixed = np.zeros(len(rows.label), dtype=np.uint64)
    rng = np.random.default_rng(0)
    with np.errstate(over="ignore"):
        for column in (*rows.X.T, rows.label):
            bits = np.ascontiguousarray(column + 0.0).view(np.uint64)  # -0.0 becomes 0.0
            bits = np.where(np.isnan(column), np.uint64(1), bits)
            odd = np.uint64(int(rng.integers(1, 2**62)) * 2 + 1)
            mixed = (mixed ^ bits) * odd
            mixed ^= mixed >> np.uint64(29)
    return mixed
