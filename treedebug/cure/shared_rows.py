"""Rows of one set that stand in another: a judge that has seen the answers is none (DA606)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.cure.tables import FEWEST_ROWS

_SPREAD = 3.0
"""Standard deviations by which copies must outnumber those that chance makes, where rows repeat themselves anyway."""


Keys = NDArray[np.uint64]


class Apart(NamedTuple):
    """Which rows of a set to use."""

    kept: NDArray[np.int64] | None
    """None: all."""
    note: str
    """What was left out, in words; "" where nothing was."""


def apart(keys: Keys, known: Keys, *, name: str, other: str) -> Apart:
    """Return the rows without copies of other rows, where there are more than the data's own repetition explains.

    Raise ConfigError where too few are left.
    """
    shared = np.isin(keys, known)
    n, n_shared = len(keys), int(shared.sum())
    if not n_shared:
        return Apart(None, "")
    _, at, counts = np.unique(known, return_inverse=True, return_counts=True)
    usual = float((counts[at] > 1).mean())  # rows of the other set that have a twin within it
    expected = usual * n
    if n_shared <= expected + _SPREAD * np.sqrt(max(expected * (1 - usual), 1.0)):
        return Apart(None, "")
    if n - n_shared < FEWEST_ROWS:
        raise ConfigError(
            f"{n_shared} of {n} rows of {name} stand in {other}, too (DA606): without them {n - n_shared} are left, "
            f"and at least {FEWEST_ROWS} are needed; give rows that no training has seen"
        )
    note = f"{n_shared} of {n} rows of {name} stand in {other}, too (DA606, overlapping-splits): left out"
    return Apart(np.flatnonzero(~shared), note)


def row_keys(X: Any, label: NDArray[np.float64]) -> Keys:
    """Return a hash of each row of a frame, an array or a sparse matrix and its label; equal rows have equal ones."""
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X.toarray() if hasattr(X, "toarray") else np.asarray(X))
    frame = pd.DataFrame({i: frame.iloc[:, i] for i in range(frame.shape[1])}).assign(label=label + 0.0)
    keys: Keys = pd.util.hash_pandas_object(frame, index=False).to_numpy().astype(np.uint64)
    return keys
