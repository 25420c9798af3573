"""Whether a column tells the same of the label in another set: learned on half of the training rows, scored on both.

The label's mean in bins of the column is learned on one half. On the other half and on the other set these means rank
the rows, and the areas under the two ROC curves are compared. Where the column is spread otherwise in the other set,
the training rows are weighted alike as well, and the smaller of the two differences counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import CLASSES
from treedebug.core.data.label_traces import Relation
from treedebug.core.roc_error import area_variance
from treedebug.profiles.measures.table_sample import Floats, Table
from treedebug.profiles.scan.cells import NUMERIC, mix, unique

_MAX_BINS = 32
_ROWS_A_BIN = 20
_PRIOR_ROWS = 2.0
_MIN_ROWS = 100
_MIN_POSITIVE = 25
_MAX_CLASSES = 3
_SALT = np.uint64(0x5851F42D4C957F2D)
Labels = tuple[NDArray[np.int64], NDArray[np.int64]]
"""(n,) of the training data and of the other set: 1, 0, or -1 for unknown."""


def changed_relations(train: Table, other: Table, task: str, names: Sequence[str]) -> tuple[Relation, ...]:
    """Return what each column tells of the label in both sets; nothing with too few rows."""
    label = train.scan.layout.label
    if not label or other.scan.layout.label != label or min(train.n, other.n) < _MIN_ROWS:
        return ()
    half = half_of(train)
    targets = [_roles(y, half) for y in targets_of(train, other, label, task)]
    return tuple(r for n in names if (r := _relation(train, other, n, targets)) is not None)


def _roles(labels: Labels, half: NDArray[np.bool_]) -> Labels:
    """Return what each row is for: 0 nothing; 1, 2 to learn from, 3, 4 held out, by label; of the other set 1, 2."""
    mine, theirs = labels
    return np.where(mine < 0, 0, mine + np.where(half, 1, 3)), theirs + 1


def half_of(train: Table) -> NDArray[np.bool_]:
    """(n,) Return the half of the training rows that is learned from; equal rows share it."""
    return np.asarray((mix(train.beside("hash").astype(np.uint64) ^ _SALT) & np.uint64(1)).astype(bool))


def targets_of(train: Table, other: Table, label: str, task: str) -> Iterator[Labels]:
    """Yield each of the most frequent classes against the others; of numbers, those above the training median."""
    if train.is_coded(label) != other.is_coded(label):
        return
    a, b = train.cells(label), other.cells(label)
    known = (train.present(label), other.present(label))
    if task != CLASSES:
        if train.is_coded(label):
            return
        middle = np.median(train.ordered(label)) if len(train.ordered(label)) else 0.0
        found = [((train.floats(label) > middle).astype(np.int64), (other.floats(label) > middle).astype(np.int64))]
    else:
        values, counts = np.unique(a[known[0]], return_counts=True)
        best = values[np.argsort(-counts, kind="stable")][:_MAX_CLASSES]
        best = best[:1] if len(values) == 2 else best
        found = [((a == v).astype(np.int64), (b == v).astype(np.int64)) for v in best]
    for one, two in found:
        pair = (np.where(known[0], one, -1), np.where(known[1], two, -1))
        if all(min(int((y == k).sum()) for k in (0, 1)) >= _MIN_POSITIVE for y in pair):
            yield pair


def _relation(train: Table, other: Table, name: str, targets: Sequence[Labels]) -> Relation | None:
    """Return the relation of the label, among several, that changed most."""
    found = _bins(train, other, name)
    if found is None or not targets:
        return None
    mine, theirs, n_bins = found
    relations = [r for y in targets if (r := _compare(mine, theirs, n_bins, y)) is not None]
    if not relations:
        return None
    one, two, z = max(relations, key=lambda r: abs(r[2]))
    return Relation(column=name, train=one, other=two, z=z)


def _bins(train: Table, other: Table, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64], int] | None:
    """(n,) bin of each row of both sets, 0 for what is missing or was never seen, and how many there are."""
    kinds = {train.scan.columns[name].kind in NUMERIC, other.scan.columns[name].kind in NUMERIC}
    if len(kinds) > 1 or train.is_coded(name) != other.is_coded(name):
        return None
    if train.is_coded(name):
        codes, distinct = train.codes(name)
        if len(distinct) < 2:
            return None
        cells = other.cells(name)
        at = np.minimum(np.searchsorted(distinct, cells), len(distinct) - 1)
        return codes + 1, np.where(distinct[at] == cells, at + 1, 0), len(distinct) + 1
    ordered = train.ordered(name)
    if not len(ordered):
        return None
    n_bins = int(np.clip(len(ordered) // _ROWS_A_BIN, 2, _MAX_BINS))
    edges = unique(ordered[np.linspace(0, len(ordered) - 1, n_bins + 1).astype(np.int64)])
    found = []
    for table in (train, other):
        values = table.floats(name)
        bins = np.searchsorted(edges, values, side="left") + 1
        bins[np.isnan(values)] = 0
        found.append(bins)
    return found[0], found[1], len(edges) + 2


def _compare(
    mine: NDArray[np.int64], theirs: NDArray[np.int64], n_bins: int, roles: Labels
) -> tuple[float, float, float] | None:
    """(AUC on the held-out training rows, on the other set, z of their difference)."""
    of_mine, of_theirs = _counts(mine, roles[0], n_bins, 5), _counts(theirs, roles[1], n_bins, 3)
    n, up = of_mine[1] + of_mine[2], of_mine[2]
    prior = up.sum() / max(n.sum(), 1.0)
    guess = (up + _PRIOR_ROWS * prior) / (n + _PRIOR_ROWS)
    seen = (of_mine[3] + of_mine[4], of_mine[4])
    new = (of_theirs[1] + of_theirs[2], of_theirs[2])
    weight = np.where(seen[0] > 0, new[0] / np.maximum(seen[0], 1.0), 0.0)
    first, second = area(guess, *seen), area(guess, *new)
    alike = area(guess, seen[0] * weight, seen[1] * weight)
    if first is None or second is None:
        return None
    n_seen = float(seen[0].sum())
    spread = float((seen[0] * weight).sum() ** 2 / max(float((seen[0] * weight**2).sum()), 1e-12))
    z = difference(first, second, n_seen, seen, new)
    z_alike = difference(alike, second, spread, seen, new) if alike is not None else 0.0
    smaller = min((z, z_alike), key=abs) if z * z_alike > 0 else 0.0
    return first, second, smaller


def _counts(bins: NDArray[np.int64], roles: NDArray[np.int64], n_bins: int, n_roles: int) -> Floats:
    """(n_roles, n_bins) rows."""
    counts = np.bincount(roles * n_bins + bins, minlength=n_roles * n_bins)
    return counts.reshape(n_roles, n_bins).astype(np.float64)


def area(guess: Floats, n: Floats, up: Floats) -> float | None:
    """Return the area under the ROC curve of the guess, ties counting half; None without rows of both kinds."""
    levels, at = np.unique(guess, return_inverse=True)
    mine = np.bincount(at, up, minlength=len(levels))
    rest = np.bincount(at, n - up, minlength=len(levels))
    total = float(mine.sum() * rest.sum())
    return float((mine * (np.cumsum(rest) - rest / 2.0)).sum() / total) if total > 0 else None


def difference(
    first: float, second: float, n_first: float, seen: tuple[Floats, Floats], new: tuple[Floats, Floats]
) -> float:
    """Return the difference of two areas in standard errors, given rows and positives of both sets."""
    share = float(seen[1].sum() / max(seen[0].sum(), 1.0))
    n_other, up_other = float(new[0].sum()), float(new[1].sum())
    error = area_variance(first, n_first * share, n_first * (1.0 - share)) + area_variance(
        second, up_other, n_other - up_other
    )
    return float((first - second) / np.sqrt(max(error, 1e-12)))
