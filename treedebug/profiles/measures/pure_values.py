"""Values of one class only, in columns that otherwise tell little: a mark that was set when the label was known."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.label_traces import PureValue
from treedebug.profiles.measures.label_dependence import Target, bins_of
from treedebug.profiles.measures.table_sample import Floats, Table

_MIN_ROWS = 30
_MAX_SHARE = 0.6
"""Of the label among all rows: rows of the usual class are alike anyway."""
_FEW = 30
"""Values of a column that are looked at one by one; of more, ranges of equal size."""


def pure_value(table: Table, name: str, label: str, target: Target) -> PureValue | None:
    """Return the value of most rows that all have one label, where chance would not; None if there is none."""
    if not target.is_classes:
        return None
    codes, distinct = table.codes(name)
    by_value = len(distinct) <= _FEW
    bins, n_bins = (codes + 1, len(distinct) + 1) if by_value else bins_of(table, name)
    classes, values = table.codes(label)
    known = classes >= 0
    counts = np.bincount(bins[known] * len(values) + classes[known], minlength=n_bins * len(values))
    counts = counts.reshape(n_bins, len(values))
    rows = counts.sum(axis=1)
    top = counts.argmax(axis=1)
    shares = counts.sum(axis=0) / max(int(known.sum()), 1)
    pure = (counts.max(axis=1) == rows) & (rows >= _MIN_ROWS) & (shares[top] <= _MAX_SHARE)
    if not pure.any():
        return None
    best = int(np.where(pure, rows * -np.log(np.maximum(shares[top], 1e-300)), -1.0).argmax())
    main = int(top[best])
    elsewhere = (counts[:, main].sum() - rows[best]) / max(int(rows.sum() - rows[best]), 1)
    others = np.arange(n_bins) != best
    return PureValue(
        value=_value(table, name, distinct, bins, best, by_value=by_value),
        n_rows=int(rows[best]),
        label=table.value(label, values[main]),
        share_elsewhere=float(elsewhere),
        log10_chance=float(rows[best] * math.log10(max(shares[main], 1e-300))),
        rest_score=_score(counts[others, main].astype(np.float64), rows[others].astype(np.float64)),
    )


def _value(  # noqa: PLR0913 - where it stands
    table: Table, name: str, distinct: NDArray[np.generic], bins: NDArray[np.int64], at: int, *, by_value: bool
) -> object:
    if at == 0:
        return None
    if by_value:
        return table.value(name, distinct[at - 1])
    cells = table.cells(name)[bins == at]
    if table.is_coded(name):
        return table.value(name, cells[0])
    return f"{table.value(name, cells.min())} to {table.value(name, cells.max())}"


def _score(positives: Floats, n: Floats) -> float:
    """Return 2 AUC - 1 of ranking the bins by the share of positives in them."""
    share = positives / np.maximum(n, 1.0)
    order = np.argsort(share, kind="stable")
    up, down = positives[order], (n - positives)[order]
    total = float(up.sum() * down.sum())
    below = np.cumsum(down) - down
    return 2.0 * float((up * (below + down / 2.0)).sum()) / total - 1.0 if total > 0 else 0.0
