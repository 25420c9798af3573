"""What stands between a table that is only known by its profile and a new one: columns, kinds, values, drift."""

from __future__ import annotations

import numpy as np

from treedebug.core.data.column_profile import CLASSES, NAN, PROBABILITIES, TEXT, ColumnProfile, Value
from treedebug.core.data.data_sets import Between, Drift, Unseen
from treedebug.core.data.table_profile import DataProfile
from treedebug.profiles.measures.column_drift import missing_chance
from treedebug.profiles.measures.p_values import chi_square, kolmogorov
from treedebug.profiles.scan.cells import NUMERIC

_FEW = 20
"""Values that a profile counts one by one."""


def between_profiles(reference: DataProfile, new: DataProfile) -> Between:
    """Return what differs, as far as two profiles tell: rows cannot be compared, drift is that of 17 quantiles."""
    mine, theirs = {c.name: c for c in reference.columns}, {c.name: c for c in new.columns}
    shared = [n for n in mine if n in theirs]
    label = None
    if reference.label is not None and new.label is not None and reference.label.kind == new.label.kind == CLASSES:
        label = _unseen(reference.label.column, new.label.column)
    return Between(
        drifts=tuple(d for n in shared if (d := _drift(mine[n], theirs[n])) is not None),
        unseen=tuple(u for n in shared if (u := _unseen(mine[n], theirs[n])) is not None),
        unseen_labels=label,
        missing_columns=tuple(n for n in mine if n not in theirs),
        extra_columns=tuple(n for n in theirs if n not in mine),
        changed_kinds=tuple((n, mine[n].kind, theirs[n].kind) for n in shared if _differs(mine[n], theirs[n])),
    )


def _differs(one: ColumnProfile, two: ColumnProfile) -> bool:
    return one.kind != two.kind and bool(one.n_present) and bool(two.n_present)


def _drift(one: ColumnProfile, two: ColumnProfile) -> Drift | None:
    if _differs(one, two):
        return None
    known = {
        "column": one.name,
        "kind": one.kind,
        "missing_train": one.missing_share,
        "missing_other": two.missing_share,
        "missing_p_value": missing_chance(one.n_missing, one.n_rows, two.n_missing, two.n_rows),
        "n_train": one.sample_rows or one.n_present,
        "n_other": two.sample_rows or two.n_present,
    }
    few = max(one.n_distinct, two.n_distinct) <= _FEW
    if few and one.top_is_exact and two.top_is_exact and one.top_values and two.top_values:
        return _of_values(one, two, known)
    if one.kind in NUMERIC and one.quantiles and two.quantiles:
        return _of_quantiles(one, two, known)
    return Drift(distance=NAN, psi=NAN, p_value=NAN, **known)  # type: ignore[arg-type]


def _of_values(one: ColumnProfile, two: ColumnProfile, known: dict[str, object]) -> Drift:
    counts: dict[Value, list[float]] = {}
    for at, column in enumerate((one, two)):
        for value in column.top_values:
            counts.setdefault(value.value, [0.0, 0.0])[at] = float(value.count)
    a, b = np.array(list(counts.values())).T
    shares_a, shares_b = a / a.sum(), b / b.sum()
    most = int(np.abs(shares_a - shares_b).argmax())
    return Drift(
        distance=float(np.abs(shares_a - shares_b).sum() / 2.0),
        psi=NAN,
        p_value=chi_square(a, b),
        value=list(counts)[most],
        share_train=float(shares_a[most]),
        share_other=float(shares_b[most]),
        **known,  # type: ignore[arg-type]
    )


def _of_quantiles(one: ColumnProfile, two: ColumnProfile, known: dict[str, object]) -> Drift:
    """The distance of the distribution functions at the quantiles of both."""
    at = np.array(PROBABILITIES)
    a, b = np.array(one.quantiles), np.array(two.quantiles)
    steps = np.concatenate([a, b])
    below = np.interp(steps, a, at, left=0.0, right=1.0) - np.interp(steps, b, at, left=0.0, right=1.0)
    ties = len(set(one.quantiles)) < len(one.quantiles) or len(set(two.quantiles)) < len(two.quantiles)
    distance = float(np.abs(below).max()) if not ties else _at_ties(a, b, at)
    n_one, n_two = one.sample_rows or one.n_present, two.sample_rows or two.n_present
    return Drift(
        distance=distance,
        psi=NAN,
        p_value=kolmogorov(distance, n_one, n_two),
        shift=(two.mean - one.mean) / one.std if one.std > 0 else NAN,
        **known,  # type: ignore[arg-type]
    )


def _at_ties(a: np.ndarray, b: np.ndarray, at: np.ndarray) -> float:
    """The least distance that quantiles with ties allow: a value that many rows share stands for a span of shares."""
    steps = np.unique(np.concatenate([a, b]))
    low, high = (
        tuple(np.array([at[q <= s].max(initial=0.0) if side else at[q < s].max(initial=0.0) for s in steps])
              for q in (a, b)) for side in (False, True)
    )  # fmt: skip
    apart = np.maximum(low[0] - high[1], low[1] - high[0])
    return float(max(apart.max(initial=0.0), 0.0))


def _unseen(one: ColumnProfile, two: ColumnProfile) -> Unseen | None:
    """Values that the reference lacks, where both count all of theirs."""
    if one.kind != TEXT or two.kind != TEXT or max(one.n_distinct, two.n_distinct) > len(one.top_values) + _FEW:
        return None
    if one.n_distinct > len(one.top_values) or not (one.top_is_exact and two.top_is_exact):
        return None
    seen = {v.value for v in one.top_values}
    new = [v for v in two.top_values if v.value not in seen]
    if not new:
        return None
    return Unseen(
        column=one.name,
        n_values=len(new),
        n_rows=int(sum(v.count for v in new)),
        values=tuple(v.value for v in new),
        is_exact=two.n_distinct <= len(two.top_values),
    )
