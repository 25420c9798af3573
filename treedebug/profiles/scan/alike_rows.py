"""Rows as a booster sees them: numbers in 32 bits, texts whatever their case, without the columns that name the row."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping

import numpy as np

from treedebug.core.data.column_profile import DATE, NUMBER, TEXT
from treedebug.profiles.scan.cells import Batch, Cells, Hashes, number_hashes, text_hashes

_EXACT = 2**24
"""Whole numbers up to here are the same in 32 bits."""
_FIRST_ROWS = 64
"""As many as every batch has: the choice does not hang on how the table is cut."""
_MAX_CANDIDATES = 8
_MAX_LENGTH = 40


def alike_hashes(cells: Cells, exact: Hashes) -> Hashes:
    """(n,) hashes equal for what a booster cannot tell apart; `exact` are those of the cells as they are."""
    if cells.kind == TEXT:
        folded = [level.strip().casefold() for level in cells.levels]
        if folded == list(cells.levels):
            return exact
        hashes = np.append(text_hashes(folded), exact[:1] if len(exact) else np.zeros(1, dtype=np.uint64))[cells.values]
        return hashes if cells.missing is None else np.where(cells.missing, exact, hashes)
    if cells.kind != NUMBER or not len(cells):
        return exact
    values = cells.values
    if values.dtype.kind != "f" and values.min() >= -_EXACT and values.max() <= _EXACT:
        return exact
    with np.errstate(over="ignore"):
        hashes = number_hashes(values.astype(np.float32).astype(np.float64))
    return hashes if cells.missing is None else np.where(cells.missing, exact, hashes)


def may_name_rows(batch: Batch, features: Collection[str], hashes: Mapping[str, Hashes]) -> tuple[str, ...]:
    """Return the features of whole numbers or short texts that do not repeat in the first rows, at most 8."""
    found = (n for n in features if _may_name(batch.columns[n]) and _is_distinct(hashes[n][:_FIRST_ROWS]))
    return tuple(itertools.islice(found, _MAX_CANDIDATES))


def _may_name(cells: Cells) -> bool:
    n = min(len(cells), _FIRST_ROWS)
    if n < 2 or (cells.missing is not None and bool(cells.missing[:n].any())):
        return False
    if cells.kind == TEXT:
        return max(len(cells.levels[code]) for code in cells.values[:n].tolist()) <= _MAX_LENGTH
    first = cells.values[:n]
    if cells.kind == DATE:
        return True
    return cells.kind == NUMBER and (first.dtype.kind != "f" or bool((first == np.floor(first)).all()))


def _is_distinct(hashes: Hashes) -> bool:
    ordered = np.sort(hashes)
    return not bool((ordered[1:] == ordered[:-1]).any())
