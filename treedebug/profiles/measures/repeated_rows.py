"""Rows that stand in a table more than once, with the same label or another one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import Value
from treedebug.core.data.table_profile import Repeats
from treedebug.profiles.measures.table_sample import Table
from treedebug.profiles.scan.cells import CODED, MISSING, among, number_hashes, text_hashes
from treedebug.profiles.scan.row_hashes import Arrays

MAX_EXAMPLES = 20
_MAX_ROWS = 10
Integers = NDArray[np.int64]


TIED = 20
"""Rows of the largest group that copies make: more of them share a value."""


def repeats(table: Table, label: str) -> Repeats:
    """What repeats among the rows whose hashes were kept; counts scaled up where these are not all."""
    return _repeats(table, label, table.kept, table.kept_share)


def alike(table: Table, label: str) -> Repeats | None:
    """The same of rows as a booster sees them; None where there is nothing to compare."""
    without = not_compared(table)
    if len(without) == len(table.scan.layout.features):
        return None
    return replace(_repeats(table, label, table.alike(without), table.alike_share), without=without)


def not_compared(table: Table) -> tuple[str, ...]:
    """Return the features that are left out where alike rows are looked for."""
    out = {*table.naming, *table.scan.layout.left_out}
    return tuple(n for n in table.scan.layout.features if n in out)


def _repeats(table: Table, label: str, rows_kept: Arrays, share: float) -> Repeats:
    if not rows_kept:
        return Repeats(n_duplicates=0, n_groups=0, largest=0, n_conflicting=0, n_conflict_groups=0)
    kept = _doubled(rows_kept)
    hashes = kept["hash"]
    labels = kept.get("label", np.zeros(len(hashes), dtype=np.uint64)).astype(np.uint64)
    order = np.lexsort((kept["row"], labels, hashes))
    h, y, rows = hashes[order], labels[order], kept["row"][order].astype(np.int64)
    new_row = _starts(h)
    new_pair = new_row | _starts(y)
    equal = _groups(new_pair)
    clashing = _clashes(_groups(new_row), new_pair, y)
    scale = 1.0 / share
    surplus = equal[:, 1] - equal[:, 0] - 1
    groups = equal[surplus > 0]
    in_groups = int(surplus.sum()) + len(groups)
    return Repeats(
        n_duplicates=round(int(surplus.sum()) * scale),
        n_groups=round(len(groups) * scale),
        largest=int((groups[:, 1] - groups[:, 0]).max(initial=0)),
        n_conflicting=round(sum(b - a for a, b in clashing) * scale),
        n_conflict_groups=round(len(clashing) * scale),
        n_minority=round(sum(b - a - _most(y[a:b]) for a, b in clashing) * scale),
        duplicates=_examples(groups.tolist(), rows),
        conflicts=tuple(tuple(rows[at].tolist()) for at in _shown(clashing, rows, y)),
        conflict_labels=_labels(table, label, clashing, y, rows),
        is_exact=share >= 1.0,
        n_tied=round(int(surplus[surplus >= TIED].sum()) * scale),
        n_once=len(rows_kept["hash"]) - in_groups,
        n_twice=int((surplus == 1).sum()),
        n_thrice=int((surplus == 2).sum()),
    )


def _doubled(kept: Arrays) -> Arrays:
    """The rows whose hash is there more than once: few, mostly."""
    ordered = np.sort(kept["hash"])
    again = among(kept["hash"], ordered[1:][ordered[1:] == ordered[:-1]])
    return {name: values[again] for name, values in kept.items()}


def _starts(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where a value differs from the one before."""
    return np.append(np.ones(min(len(values), 1), dtype=bool), values[1:] != values[:-1])


def _groups(starts: NDArray[np.bool_]) -> Integers:
    """(n_groups, 2) first position of each group and the position after its last."""
    bounds = np.append(np.flatnonzero(starts), len(starts))
    return np.stack([bounds[:-1], bounds[1:]], axis=1)


def _clashes(groups: Integers, new_pair: NDArray[np.bool_], y: NDArray[np.uint64]) -> list[tuple[int, int]]:
    """Groups of equal rows with more than one label; rows without a label do not count."""
    pairs = np.append(0, np.cumsum(new_pair))
    several = groups[pairs[groups[:, 1]] - pairs[groups[:, 0]] > 1]
    return [(a, b) for a, b in several.tolist() if len(set(y[a:b].tolist()) - {int(MISSING)}) > 1]


def _in_order(groups: list[tuple[int, int]], rows: Integers) -> list[tuple[int, int]]:
    return sorted(groups, key=lambda g: int(rows[g[0] : g[1]].min()))[:MAX_EXAMPLES]


def _examples(groups: list[tuple[int, int]], rows: Integers) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(sorted(rows[a:b].tolist())[:_MAX_ROWS]) for a, b in _in_order(groups, rows))


def _most(labels: NDArray[np.uint64]) -> int:
    """Rows with the most frequent label."""
    return int(np.unique(labels, return_counts=True)[1].max())


def _shown(groups: list[tuple[int, int]], rows: Integers, y: NDArray[np.uint64]) -> list[Integers]:
    """Positions of the rows of each group that are shown, in order: the first one of each label, then the others."""
    found = []
    for a, b in _in_order(groups, rows):
        by_row = np.argsort(rows[a:b], kind="stable")
        first = np.sort(np.unique(y[a:b][by_row], return_index=True)[1])
        rest = np.setdiff1d(np.arange(b - a), first)
        found.append(a + by_row[np.sort(np.append(first, rest)[:_MAX_ROWS])])
    return found


def _labels(
    table: Table, label: str, groups: list[tuple[int, int]], y: NDArray[np.uint64], rows: Integers
) -> tuple[tuple[Value, ...], ...]:
    """The labels of the rows in `conflicts`; None for one that is not known."""
    if not label or not groups:
        return ()
    names = label_values(table, label)
    return tuple(tuple(names.get(int(h)) for h in y[at]) for at in _shown(groups, rows, y))


def label_values(table: Table, label: str) -> dict[int, Value]:
    """Labels by their hash: all of them, or those of the sample."""
    column = table.scan.columns[label]
    if column.tally.counts is None:
        codes, distinct = table.codes(label)
        hashes = distinct if column.kind in CODED else number_hashes(distinct.astype(np.float64))
        del codes
        return {int(h): table.value(label, v) for h, v in zip(hashes, distinct, strict=True)}
    values = list(column.tally.counts)
    if column.kind in CODED:
        hashes = text_hashes(values)
    else:
        hashes = number_hashes(np.array([float(v) for v in values if not isinstance(v, str)]))
    return {int(h): v for h, v in zip(hashes, values, strict=False)}
