"""How one column is spread in two tables: size of the difference, and its chance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import NAN, Value
from treedebug.core.data.data_sets import Drift
from treedebug.profiles.measures.p_values import chi_square, kolmogorov
from treedebug.profiles.measures.table_sample import Floats, Table
from treedebug.profiles.scan.cells import NUMERIC, plain_number, unique
from treedebug.profiles.scan.distinct_values import counted

_TENTHS = 10
_FEW = 20
"""Numbers of so few values are compared value by value."""
_LEAST_SHARE = 1e-4


def drift(train: Table, other: Table, name: str, *, is_classes: bool = False) -> Drift | None:
    """Return the column's difference; None where it is not of one kind in both.

    Of a column without values in one of them, only what is missing is known.
    """
    one, two = train.scan.columns[name], other.scan.columns[name]
    numeric = one.kind in NUMERIC and two.kind in NUMERIC
    facts = {
        "column": name,
        "kind": one.kind,
        "missing_train": one.n_missing / one.n_rows if one.n_rows else 0.0,
        "missing_other": two.n_missing / two.n_rows if two.n_rows else 0.0,
        "missing_p_value": missing_chance(one.n_missing, one.n_rows, two.n_missing, two.n_rows),
    }
    if 1.0 in (facts["missing_train"], facts["missing_other"]):
        return Drift(n_train=0, n_other=0, distance=NAN, psi=NAN, p_value=NAN, **facts)  # type: ignore[arg-type]
    if not numeric and one.kind != two.kind:
        return None
    if numeric and not is_classes and not _is_few(train, other, name):
        return _of_numbers(train, other, name, facts)
    return _of_values(train, other, name, facts)


def _is_few(train: Table, other: Table, name: str) -> bool:
    a, b = train.scan.columns[name].tally.counts, other.scan.columns[name].tally.counts
    return a is not None and b is not None and len(a.keys() | b.keys()) <= _FEW


def _of_numbers(train: Table, other: Table, name: str, facts: dict[str, object]) -> Drift | None:
    a, b = train.ordered(name), other.ordered(name)
    if not len(a) or not len(b):
        return None
    distance = distance_of(a, b)
    edges = unique(a[np.linspace(0, len(a) - 1, _TENTHS + 1).astype(np.int64)[1:-1]])
    shares_a, shares_b = (
        np.diff(np.concatenate([[0], np.searchsorted(x, edges, side="right"), [len(x)]])) / len(x) for x in (a, b)
    )
    most = int(np.abs(shares_a - shares_b).argmax())
    with np.errstate(all="ignore"):
        spread = float(a.std())
        shift = float((b.mean() - a.mean()) / spread) if spread > 0 and math.isfinite(spread) else NAN
    return Drift(
        n_train=len(a),
        n_other=len(b),
        distance=distance,
        psi=_psi(shares_a, shares_b),
        p_value=kolmogorov(distance, len(a), len(b)),
        shift=shift,
        value=_range(edges, most, train.scan.columns[name].kind),
        share_train=float(shares_a[most]),
        share_other=float(shares_b[most]),
        **facts,  # type: ignore[arg-type]
    )


def distance_of(a: Floats, b: Floats) -> float:
    """Return the largest distance of the distribution functions of sorted values (Kolmogorov's)."""
    return max(_furthest(a, b), _furthest(b, a))


def _furthest(a: Floats, b: Floats) -> float:
    """Largest distance of two distribution functions at the values of the first, both sorted."""
    values, counts = counted(a, is_sorted=True)
    return float(np.abs(np.cumsum(counts) / len(a) - np.searchsorted(b, values, side="right") / len(b)).max())


def _of_values(train: Table, other: Table, name: str, facts: dict[str, object]) -> Drift | None:
    cells_a, cells_b = train.cells(name)[train.present(name)], other.cells(name)[other.present(name)]
    if not len(cells_a) or not len(cells_b):
        return None
    values, inverse = np.unique(np.concatenate([cells_a, cells_b]), return_inverse=True)
    a = np.bincount(inverse[: len(cells_a)], minlength=len(values)).astype(np.float64)
    b = np.bincount(inverse[len(cells_a) :], minlength=len(values)).astype(np.float64)
    shares_a, shares_b = a / a.sum(), b / b.sum()
    most = int(np.abs(shares_a - shares_b).argmax())
    in_train = bool(a[most])
    return Drift(
        n_train=len(cells_a),
        n_other=len(cells_b),
        distance=float(np.abs(shares_a - shares_b).sum() / 2),
        psi=_psi(shares_a, shares_b),
        p_value=chi_square(a, b),
        value=(train if in_train else other).value(name, values[most]),
        share_train=float(shares_a[most]),
        share_other=float(shares_b[most]),
        **facts,  # type: ignore[arg-type]
    )


def _psi(first: Floats, second: Floats) -> float:
    a, b = np.maximum(first, _LEAST_SHARE), np.maximum(second, _LEAST_SHARE)
    return float(((b - a) * np.log(b / a)).sum())


def _range(edges: NDArray[np.float64], at: int, kind: str) -> Value:
    """The tenth as a person writes it."""
    named = [_short(plain_number(e, kind)) for e in edges.tolist()]
    if not named:
        return ""
    if at == 0:
        return f"<= {named[0]}"
    return f"> {named[-1]}" if at == len(edges) else f"{named[at - 1]} to {named[at]}"


def _short(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def missing_chance(missing_a: int, n_a: int, missing_b: int, n_b: int) -> float:
    """Return the probability of as different shares of missing values by chance."""
    if not n_a or not n_b or missing_a + missing_b in (0, n_a + n_b):
        return 1.0
    return chi_square(
        np.array([missing_a, n_a - missing_a], dtype=np.float64),
        np.array([missing_b, n_b - missing_b], dtype=np.float64),
    )
