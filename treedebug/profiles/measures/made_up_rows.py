"""Rows that were made between two others of their class (SMOTE; Chawla et al., JAIR 2002)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import NUMBER
from treedebug.core.data.label_traces import MadeUpTrace
from treedebug.profiles.measures.table_sample import Floats, Table

_MIN_ROWS = 60
_LOOKED_AT = 150
_AMONG = 1500
_MAX_COLUMNS = 30
_NEAREST = 12
_OPPOSITE = -1.0 + 1e-9
"""Cosine between the ways to two others, below which a row lies between them."""
_SOME = 1e-4
"""Part of a way below which a column does not change along it."""
_MAX_CLASSES = 20
_MIN_COLUMNS = 3
_MIN_DISTINCT = 0.25
"""Values for each row of a column that is measured: rows of few values lie on lines anyway."""


def made_up_rows(table: Table, label: str) -> MadeUpTrace | None:
    """Return the class of which most rows looked at lie between two others; None where none does."""
    codes, values = table.codes(label)
    if not 2 <= len(values) <= _MAX_CLASSES:
        return None
    names = _measured(table)
    if len(names) < 2:
        return None
    x = np.stack([table.floats(n) for n in names], axis=1)
    whole = np.isfinite(x).all(axis=1)
    found = [_of_class(x[whole & (codes == c)], c) for c in range(len(values))]
    if len(names) < _MIN_COLUMNS:  # rounded numbers of two columns lie on lines anyway: their fractions alone count
        found = [(0.0, at, n_rows, 0) for _, at, n_rows, _ in found]
    _, at, n_rows, n_between = max(found)
    mixed = _fractions(table, codes, at) if n_rows else []
    if not n_between and not mixed:
        return None
    return MadeUpTrace(
        label=table.value(label, values[at]),
        n_rows=n_rows,
        n_between=n_between,
        columns=tuple(n for n, _ in mixed)[:_MAX_COLUMNS],
        fraction_share=mixed[0][1] if mixed else 0.0,
    )


def _measured(table: Table) -> list[str]:
    """Columns of numbers with fractions and many values."""
    columns = table.scan.columns
    numbers = [n for n in table.scan.layout.features if columns[n].kind == NUMBER and not columns[n].moments.is_whole]
    many = sorted(numbers, key=lambda n: -columns[n].distinct.estimate())
    least = max(_NEAREST, _MIN_DISTINCT * table.scan.n_rows)
    return [n for n in many[:_MAX_COLUMNS] if columns[n].distinct.estimate() > least]


def _of_class(x: Floats, at: int) -> tuple[float, int, int, int]:
    """(share, class, rows looked at, rows on a line between two of their nearest)."""
    if len(x) < _MIN_ROWS:
        return 0.0, at, 0, 0
    x = x[:_AMONG]
    spread = x.std(axis=0)
    scaled = (x[:, spread > 0] / spread[spread > 0]).astype(np.float64)
    if scaled.shape[1] < 2:
        return 0.0, at, 0, 0
    step = max(len(x) // _LOOKED_AT, 1)
    looked = range(0, len(x), step)
    n_between = sum(_is_between(scaled, i) for i in looked)
    return n_between / len(looked), at, len(looked), n_between


def _is_between(x: Floats, at: int) -> bool:
    """Whether a row lies on the line between two of its nearest, and is neither of them."""
    away = x - x[at]
    squares = np.einsum("ij,ij->i", away, away)
    squares[at] = np.inf
    apart = np.flatnonzero(squares > 0)
    near = apart[np.argpartition(squares[apart], min(_NEAREST, len(apart) - 1))[:_NEAREST]]
    unit = away[near] / np.sqrt(squares[near])[:, None]
    cosines: NDArray[np.float64] = unit @ unit.T
    slanted = np.count_nonzero(np.abs(unit) > _SOME, axis=1) >= max(2, unit.shape[1] // 2)
    return bool((cosines[slanted] < _OPPOSITE).any())


def _fractions(table: Table, codes: NDArray[np.int64], at: int) -> list[tuple[str, float]]:
    """Columns that are whole in all rows but those of one class, and the share of its rows with a fraction."""
    found = []
    for name in table.scan.layout.features:
        column = table.scan.columns[name]
        if column.kind != NUMBER or column.moments.is_whole:
            continue
        x = table.floats(name)
        broken = np.isfinite(x) & (x != np.floor(x))
        mine, others = codes == at, (codes >= 0) & (codes != at)
        if others.sum() >= _MIN_ROWS and not broken[others].any() and np.unique(x[others]).size > 1:
            found.append((name, float(broken[mine].mean())))
    return sorted(found, key=lambda f: -f[1])
