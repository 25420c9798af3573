"""What stands between the training data and another table: rows, groups and values in both, time, drift."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import CLASSES, TEXT, Value
from treedebug.core.data.data_sets import Between, GroupOverlap, Overlap, TimeOrder, Unseen
from treedebug.core.data.label_traces import Relation
from treedebug.profiles.measures.changed_relation import changed_relations, half_of, targets_of
from treedebug.profiles.measures.column_drift import drift
from treedebug.profiles.measures.joint_relation import joint_relation
from treedebug.profiles.measures.look_alikes import look_alikes
from treedebug.profiles.measures.near_twins import near_twins
from treedebug.profiles.measures.one_label_ids import known_share, names_values
from treedebug.profiles.measures.repeated_rows import TIED, label_values, not_compared
from treedebug.profiles.measures.shared_ids import shared_ids
from treedebug.profiles.measures.table_sample import Table
from treedebug.profiles.scan.cells import CODED, MISSING, Hashes, among, unique
from treedebug.profiles.scan.row_hashes import Arrays

MAX_SHOWN = 20


def between(train: Table, other: Table, *, task: str) -> Between:
    """All of it."""
    a, b = train.scan, other.scan
    mine, theirs = list(a.layout.features), list(b.layout.features)
    shared = [n for n in mine if n in set(theirs)]
    label = a.layout.label if a.layout.label and b.layout.label else ""
    texts = [n for n in shared if a.columns[n].kind == b.columns[n].kind == TEXT]
    drifts = tuple(d for n in shared if (d := drift(train, other, n)) is not None)
    missing, extra = (tuple(n for n in x if n not in set(y)) for x, y in ((mine, theirs), (theirs, mine)))
    return Between(
        overlap=overlap(train, other) if mine and set(mine) == set(theirs) else None,
        alike=alike(train, other) if mine and set(mine) == set(theirs) else None,
        groups=groups(train, other) if a.layout.group and b.layout.group else None,
        time=time_order(train, other),
        drifts=drifts,
        label_drift=drift(train, other, label, is_classes=task == CLASSES) if _is_told(train, label, task) else None,
        unseen=tuple(u for u in (unseen(train, other, n) for n in texts) if u is not None),
        unseen_labels=unseen(train, other, label) if label and task == CLASSES else None,
        relations=changed_relations(train, other, task, shared),
        together=_together(train, other, task, shared) if label else None,
        twins=near_twins(train, other, task),
        look_alikes=look_alikes(train, other, drifts, missing, extra),
        shared_ids=tuple(s for n in shared if (s := shared_ids(train, other, n)) is not None),
        known_values={n: known_share(train, other, n) for n in shared if names_values(train, n)},
        missing_columns=missing,
        extra_columns=extra,
        changed_kinds=tuple((n, a.columns[n].kind, b.columns[n].kind) for n in shared if _differs(train, other, n)),
    )


def _together(train: Table, other: Table, task: str, shared: list[str]) -> Relation | None:
    """What the columns that both sets have tell together of the first of the labels that are compared."""
    layout = train.scan.layout
    used = [n for n in shared if n not in (layout.group, train.scan.time) and not _differs(train, other, n)]
    used = [n for n in used if train.is_coded(n) == other.is_coded(n)]
    for labels in itertools.islice(targets_of(train, other, layout.label, task), 1):
        return joint_relation(train, other, used, labels, half_of(train))
    return None


def _is_told(train: Table, label: str, task: str) -> bool:
    """Whether there is a label to compare: amounts written as text are not."""
    return bool(label) and (task == CLASSES or not train.is_coded(label))


def _differs(train: Table, other: Table, name: str) -> bool:
    a, b = train.scan.columns[name], other.scan.columns[name]
    return a.kind != b.kind and a.n_missing < a.n_rows and b.n_missing < b.n_rows


def overlap(train: Table, other: Table) -> Overlap:
    """Rows of the other table whose features stand in the training data."""
    limit = min(train.scan.kept.limit, other.scan.kept.limit)
    found = _overlap(train.kept, other.kept, limit, min(train.kept_share, other.kept_share))
    return replace(found, n_compared=_compared(train, other)) if found.examples else found


def alike(train: Table, other: Table) -> Overlap | None:
    """The same of rows as a booster sees them; None where there is nothing to compare."""
    without = not_compared(train)
    if len(without) == len(train.scan.layout.features):
        return None
    limit = min(train.scan.alike.limit, other.scan.alike.limit)
    share = min(train.alike_share, other.alike_share)
    found = _overlap(train.alike(without), other.alike(without), limit, share, key="key")
    return replace(found, without=without)


def _overlap(train: Arrays, other: Arrays, limit: np.uint64, share: float, *, key: str = "hash") -> Overlap:
    if not train or not other:
        return Overlap(n_rows=0, n_same_label=0)
    a, b = train["hash"], other["hash"]
    inside = np.flatnonzero(other[key] <= limit)
    order = np.argsort(a, kind="stable")
    ordered = a[order]
    at = np.minimum(np.searchsorted(ordered, b[inside]), len(a) - 1)
    found = ordered[at] == b[inside]
    rows_b, rows_a = inside[found], order[at[found]]
    n_same, same = len(rows_b), np.ones(len(rows_b), dtype=bool)
    if "label" in train and "label" in other:
        same = among(_pairs(b[rows_b], other["label"][rows_b]), _pairs(a, train["label"]))
        n_same = int(same.sum())
    twins = np.searchsorted(ordered, b[rows_b], side="right") - np.searchsorted(ordered, b[rows_b], side="left")
    examples = zip(train["row"][rows_a][:MAX_SHOWN].tolist(), other["row"][rows_b][:MAX_SHOWN].tolist(), strict=True)
    return Overlap(
        n_rows=round(len(rows_b) / share),
        n_same_label=round(n_same / share),
        examples=tuple(examples),
        is_exact=share >= 1.0,
        n_tied=round(int((same & (twins > TIED)).sum()) / share),
    )


def _pairs(hashes: NDArray[np.generic], labels: NDArray[np.generic]) -> Hashes:
    return np.asarray(hashes.astype(np.uint64) * np.uint64(3) + labels.astype(np.uint64), dtype=np.uint64)


def _compared(train: Table, other: Table) -> int:
    """Sampled rows of the other table of which every cell equals that of a sampled training row with the same hash."""
    a, b = train.beside("hash"), other.beside("hash")
    _, at_a, at_b = np.intersect1d(a, b, return_indices=True)
    same = np.ones(len(at_a), dtype=bool)
    for name in train.scan.layout.features:
        one, two = train.cells(name)[at_a], other.cells(name)[at_b]
        if one.dtype == two.dtype:
            same &= (one == two) | ((one != one) & (two != two))  # noqa: PLR0124 - NaN
    return int(same.sum())


def groups(train: Table, other: Table) -> GroupOverlap:
    """Groups in both tables."""
    name = train.scan.layout.group
    a = unique(train.kept.get("group", np.zeros(0, dtype=np.uint64)).astype(np.uint64))
    b = other.kept.get("group", np.zeros(0, dtype=np.uint64)).astype(np.uint64)
    known = b[b != MISSING]
    shared_rows = among(known, a)
    shared = unique(known[shared_rows])
    names = label_values(other, name)
    n_groups = other.scan.columns[name].distinct.estimate()
    scale = 1.0 / other.kept_share
    return GroupOverlap(
        column=name,
        n_groups=n_groups,
        n_shared=len(shared),
        n_rows_shared=round(int(shared_rows.sum()) * scale),
        examples=tuple(names[int(h)] for h in shared.tolist() if int(h) in names)[:MAX_SHOWN],
        is_exact=train.kept_share >= 1.0 and other.kept_share >= 1.0,
    )


def time_order(train: Table, other: Table) -> TimeOrder | None:
    """How the tables lie in time; None without a column of time in both."""
    name = train.scan.time
    if not name or other.scan.time != name or not train.kept or not other.kept:
        return None
    a, b = train.kept["time"].astype(np.float64), other.kept["time"].astype(np.float64)
    a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    if not len(a) or not len(b):
        return None
    start, end = _extremes(train, a)
    other_start, other_end = _extremes(other, b)
    scale = 1.0 / other.kept_share
    return TimeOrder(
        column=name,
        train_start=start,
        train_end=end,
        other_start=other_start,
        other_end=other_end,
        n_not_after=round(int((b <= end).sum()) * scale),
        n_before=round(int((b < start).sum()) * scale),
        n_rows=round(len(b) * scale),
        is_exact=other.kept_share >= 1.0,
    )


def _extremes(table: Table, kept: NDArray[np.float64]) -> tuple[float, float]:
    moments = table.scan.columns[table.scan.time].moments
    return (moments.minimum, moments.maximum) if moments.n else (float(kept.min()), float(kept.max()))


def unseen(train: Table, other: Table, name: str) -> Unseen | None:
    """Values that the training data lacks; None if there are none."""
    a, b = train.scan.columns[name], other.scan.columns[name]
    if a.tally.counts is not None and b.tally.counts is not None:
        new = sorted(
            ((v, n) for v, n in b.tally.counts.items() if v not in a.tally.counts), key=lambda i: (-i[1], str(i[0]))
        )
        if not new:
            return None
        return Unseen(
            column=name,
            n_values=len(new),
            n_rows=int(sum(n for _, n in new)),
            values=tuple(v for v, _ in new[:MAX_SHOWN]),
        )
    limit = min(a.distinct.limit, b.distinct.limit)
    hashes = b.distinct.hashes[b.distinct.hashes <= limit]
    new_hashes = hashes[~among(hashes, a.distinct.hashes)]
    if not len(new_hashes):
        return None
    n_values = round(len(new_hashes) / max(len(hashes), 1) * b.distinct.estimate())
    n_rows, values = _rows_with(other, name, new_hashes)
    is_exact = a.distinct.is_exact and b.distinct.is_exact and other.is_whole
    return Unseen(column=name, n_values=n_values, n_rows=n_rows, values=values, is_exact=is_exact)


def _rows_with(other: Table, name: str, hashes: Hashes) -> tuple[int, tuple[Value, ...]]:
    """Rows of the other table with one of these values (scaled up from the sample), and some of the values."""
    cells = other.cells(name)
    if other.scan.columns[name].kind not in CODED:
        return 0, ()
    hit = among(cells.astype(np.uint64), hashes)
    values = tuple(dict.fromkeys(other.value(name, c) for c in cells[hit][: 10 * MAX_SHOWN]))[:MAX_SHOWN]
    return round(int(hit.sum()) * other.scan.n_rows / max(other.n, 1)), values
