"""Values of one class only, in columns that otherwise tell little: a mark that was set when the label was known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.label_traces import PureValue
from treedebug.profiles.measures.label_dependence import Binned
from treedebug.profiles.measures.table_sample import Floats, Table

_MIN_ROWS, _MIN_BIN = 30, 10
_MAX_SHARE = 0.6
"""Of the label among all rows: rows of the usual class are alike anyway."""
_FEW = 30
"""Values of a column that are looked at one by one; of more, ranges of equal size."""


@dataclass(frozen=True)
class _Labels:
    """Those of the sample: (n,) the class of each row, -1 where missing; the classes and their shares."""

    classes: NDArray[np.int64]
    values: NDArray[np.generic]
    shares: Floats

    def counts(self, bins: NDArray[np.int64], n_bins: int) -> NDArray[np.int64]:
        """(k, n_bins, n_classes) rows of columns in bins (k, n)."""
        known, n_classes = self.classes >= 0, len(self.values)
        place = np.arange(len(bins))[:, None] * n_bins + bins[:, known]
        cells = (place * n_classes + self.classes[known]).ravel()
        return np.bincount(cells, minlength=len(bins) * n_bins * n_classes).reshape(len(bins), n_bins, n_classes)

    def are_pure(self, counts: NDArray[np.int64], least: int = _MIN_ROWS) -> NDArray[np.bool_]:
        """(..., n_bins) whether a bin has one class, an unusual one, and rows enough."""
        rows, top = counts.sum(axis=-1), counts.argmax(axis=-1)
        return np.asarray(
            (counts.max(axis=-1) == rows) & (rows >= least) & (self.shares[top] <= _MAX_SHARE), dtype=bool
        )


def pure_values(table: Table, columns: Binned, label: str) -> dict[str, PureValue]:
    """Return, by column, the value of most rows that all have one label, where chance would not."""
    classes, values = table.codes(label)
    shares = np.bincount(classes[classes >= 0], minlength=len(values)) / max(int((classes >= 0).sum()), 1)
    labels, found = _Labels(classes, values, shares), {}
    several = np.array([table.n_distinct(n) > _FEW for n in columns.names])
    names = [n for n, is_few in zip(columns.names, (~several).tolist(), strict=True) if is_few]
    for name in names:
        codes, distinct = table.codes(name)
        found[name] = _pure(table, name, labels, codes + 1, distinct)
    if several.any():
        bins = columns.bins[several]
        pure = labels.are_pure(labels.counts(bins, columns.n_bins), _MIN_BIN).any(axis=1)
        for i in np.flatnonzero(pure).tolist():
            name = columns.names[np.flatnonzero(several)[i]]
            found[name] = _pure(table, name, labels, bins[i], None)
    return {n: p for n, p in found.items() if p is not None}


def _pure(
    table: Table, name: str, labels: _Labels, bins: NDArray[np.int64], distinct: NDArray[np.generic] | None
) -> PureValue | None:
    """`distinct` are the values that the bins stand for, if each stands for one."""
    n_bins = int(bins.max(initial=0)) + 1
    counts = labels.counts(bins[None, :], n_bins)[0]
    pure = labels.are_pure(counts, _MIN_ROWS if distinct is not None else _MIN_BIN)
    if not pure.any():
        return None
    rows, top, shares = counts.sum(axis=1), counts.argmax(axis=1), labels.shares
    best = int(np.where(pure, rows * -np.log(np.maximum(shares[top], 1e-300)), -1.0).argmax())
    main = int(top[best])
    low, high = (best, best) if distinct is not None or best == 0 else _stretch(counts, best, main)
    inside = (np.arange(n_bins) >= low) & (np.arange(n_bins) <= high)
    n_rows = int(rows[inside].sum())
    if n_rows < _MIN_ROWS:
        return None
    elsewhere = (counts[:, main].sum() - n_rows) / max(int(rows.sum()) - n_rows, 1)
    others = ~inside
    return PureValue(
        value=_value(table, name, distinct, bins, (low, high)),
        n_rows=n_rows,
        label=table.value(table.scan.layout.label, labels.values[main]),
        share_elsewhere=float(elsewhere),
        log10_chance=float(n_rows * math.log10(max(shares[main], 1e-300))),
        rest_score=_rest_score(
            bins, labels.classes == main, (labels.classes >= 0) & others[bins], table.folds % 2 == 0
        ),
    )


def _value(
    table: Table, name: str, distinct: NDArray[np.generic] | None, bins: NDArray[np.int64], at: tuple[int, int]
) -> object:
    low, high = at
    if low == 0:
        return None
    if distinct is not None:
        return table.value(name, distinct[low - 1])
    cells = table.cells(name)[(bins >= low) & (bins <= high)]
    if table.is_coded(name):
        return table.value(name, cells[0])
    ends = [table.value(name, cell) for cell in (cells.min(), cells.max())]
    return " to ".join(f"{end:.6g}" if isinstance(end, float) else str(end) for end in ends)


def _stretch(counts: NDArray[np.int64], at: int, main: int) -> tuple[int, int]:
    """The first and the last of the bins around `at` that hold rows of this class alone."""
    alone = counts.sum(axis=1) == counts[:, main]
    low = high = at
    while low > 1 and alone[low - 1]:
        low -= 1
    while high + 1 < len(counts) and alone[high + 1]:
        high += 1
    return low, high


def _rest_score(
    bins: NDArray[np.int64], is_main: NDArray[np.bool_], is_rest: NDArray[np.bool_], half: NDArray[np.bool_]
) -> float:
    """Return 2 AUC - 1 of ranking the bins by their share of the class, learned on one half of the rows."""
    n_bins = int(bins.max(initial=0)) + 1
    n, up, learnt, learnt_up = (
        np.bincount(bins[rows], minlength=n_bins).astype(np.float64)
        for part in (~half, half)
        for rows in (is_rest & part, is_rest & part & is_main)
    )
    prior = learnt_up.sum() / max(learnt.sum(), 1.0)
    order = np.argsort((learnt_up + prior) / (learnt + 1.0), kind="stable")
    up, down = up[order], (n - up)[order]
    total = float(up.sum() * down.sum())
    below = np.cumsum(down) - down
    return 2.0 * float((up * (below + down / 2.0)).sum()) / total - 1.0 if total > 0 else 0.0
