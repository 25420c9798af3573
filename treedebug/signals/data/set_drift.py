"""Drift: how far two samples of one column lie apart, and how far they would by chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from treedebug.core.data.column_profile import DATE, NUMBER, ColumnProfile
from treedebug.core.data.data_sets import Drift
from treedebug.core.data.label_traces import OneLabel
from treedebug.signals.data.checked_tables import Split
from treedebug.signals.data.row_names import never_repeats

_CHANCE = 0.87
"""Mean of the Kolmogorov distribution, sqrt(pi / 2) * ln 2: the expected distance times sqrt(n m / (n + m))."""

_PURE, _BY_CHANCE = 0.95, 0.5
"""Shares of the values of a group with one label: at least, and by chance at most."""


@dataclass(frozen=True)
class Difference:
    """One column in two sets; `expected` is the distance that two samples of one distribution have on average."""

    drift: Drift
    expected: float
    repeats: float = 1.0
    """Rows for each independent one: those of a group say much the same."""

    @property
    def beyond_chance(self) -> float:
        """The distance less the expected one, in squares: chance and effect add up like that."""
        return math.sqrt(max(self.drift.distance**2 - self.expected**2, 0.0))

    @property
    def p_value(self) -> float:
        """Of such a distance by chance; 1 where it is not known.

        Its logarithm is about proportional to the rows that are independent (Kolmogorov's and chi-square's tails).
        """
        p = self.drift.p_value
        return float(max(p, 1e-300) ** (1.0 / self.repeats)) if math.isfinite(p) else 1.0


def difference(drift: Drift, n_values: int, repeats: float = 1.0) -> Difference:
    """Return the drift of one column, of which the training data has `n_values` different values."""
    if drift.n_train <= 0 or drift.n_other <= 0:
        return Difference(drift, 1.0)
    unit = math.sqrt(repeats * (1.0 / drift.n_train + 1.0 / drift.n_other))
    if drift.kind in (NUMBER, DATE):
        return Difference(drift, _CHANCE * unit, repeats)
    # Half the sum over K shares of a mean absolute deviation sqrt(2 p / pi) * unit, largest where all p are 1 / K.
    return Difference(drift, min(unit * math.sqrt(max(n_values, 1) / (2.0 * math.pi)), 1.0), repeats)


def rows_a_group(split: Split) -> float:
    """Return rows for each group in the smaller of the sets by groups; 1 without groups.

    A column of which every value has one label, though chance would give them several, stands for a group not named.
    """
    named = {p.group for p in (split.train, split.other) if p.group}
    hidden = {c.name for c in split.train.columns if c.one_label is not None and _is_group(c.one_label)}
    found = [c for p in (split.train, split.other) for c in p.columns if c.name in (named or hidden) and c.n_distinct]
    return max((c.n_rows / c.n_distinct for c in found), default=1.0)


def _is_group(found: OneLabel) -> bool:
    return found.n_pure >= _PURE * found.n_values >= found.expected / _BY_CHANCE


def differences(split: Split) -> list[Difference]:
    """Return every column but those whose values differ by nature: time, groups, what counts or names the rows."""
    columns = {c.name: c for c in split.train.columns}
    repeats = rows_a_group(split)
    found = []
    for drift in split.between.drifts:
        column = columns.get(drift.column)
        if column is None or _by_nature(column, split.train.time) or not math.isfinite(drift.distance):
            continue
        found.append(difference(drift, column.n_distinct, repeats))
    return found


def _by_nature(column: ColumnProfile, time: str) -> bool:
    return bool(column.role or column.order or column.name == time) or never_repeats(column)
