"""What changed from the data of one run to those of another: from their profiles alone, the tables may be gone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import PROBABILITIES, ColumnProfile
from treedebug.core.data.table_profile import DataProfile


@dataclass(frozen=True)
class ColumnChange:
    """One column in two tables: 0 (spread alike) to 1 (nothing in common), and the shares that are missing."""

    column: str
    distance: float
    missing_before: float
    missing_now: float


def column_changes(before: DataProfile, now: DataProfile) -> list[ColumnChange]:
    """Return columns of both tables, label included, those that changed most first."""
    known = {c.name: c for c in _all(before)}
    found = [
        ColumnChange(c.name, distance(known[c.name], c), known[c.name].missing_share, c.missing_share)
        for c in _all(now)
        if c.name in known
    ]
    return sorted(found, key=lambda c: (-max(c.distance, abs(c.missing_now - c.missing_before)), c.column))


def _all(profile: DataProfile) -> tuple[ColumnProfile, ...]:
    return profile.columns if profile.label is None else (*profile.columns, profile.label.column)


def distance(before: ColumnProfile, now: ColumnProfile) -> float:
    """Return the largest distance of the distribution functions, read off the quantiles.

    Of few values, the total variation.
    """
    if before.kind != now.kind:
        return 1.0
    if not before.n_present or not now.n_present:
        return 0.0 if before.n_present == now.n_present else 1.0
    if before.quantiles and now.quantiles and not (_few(before) and _few(now)):
        return _of_quantiles(np.array(before.quantiles), np.array(now.quantiles))
    shares = [{str(v.value): v.count / c.n_present for v in c.top_values} for c in (before, now)]
    named = sum(abs(shares[0].get(v, 0.0) - shares[1].get(v, 0.0)) for v in shares[0].keys() | shares[1].keys()) / 2
    return min(named, 1.0)


def _few(column: ColumnProfile) -> bool:
    return column.n_distinct <= len(column.top_values)


def _of_quantiles(before: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    """Return at each quantile of one, how far the other's distribution function is from it."""
    at = np.array(PROBABILITIES)
    ahead = np.abs(np.interp(before, now, at) - at).max()
    back = np.abs(np.interp(now, before, at) - at).max()
    return float(min(ahead, back))
