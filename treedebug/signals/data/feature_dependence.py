"""Dependence: what each feature alone tells of the label, best first."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

from treedebug.core.data.label_mean_trace import LabelAverage
from treedebug.signals.data.checked_tables import NO_LABEL, TrainingTable, lacking


@dataclass(frozen=True, eq=False)
class LabelDependence:
    """`scores` are (feature, score) pairs, highest first; 0 is no better than a guess, 1 perfect."""

    scores: list[tuple[str, float]]
    metric: str
    n_rows: int
    averages: list[tuple[str, LabelAverage]] = field(default_factory=list)
    """Columns that may be the mean label of small groups of rows."""

    @classmethod
    def measure(cls, table: TrainingTable) -> Self:
        """Return lower ends of one standard error. Raise Missing where no dependence was measured."""
        found = [(c.name, c.dependence) for c in table.profile.columns]
        known = [(name, d) for name, d in found if d is not None and math.isfinite(d.score)]
        if not known:
            reason = NO_LABEL if table.profile.label is None else "too few rows with a label"
            raise lacking(table.profile, table.profile.unmeasured.get("dependence", reason))
        error = [(name, d.score - (d.std_error if math.isfinite(d.std_error) else 0.0)) for name, d in known]
        averages = [(c.name, c.average) for c in table.profile.columns if c.average is not None]
        return cls(sorted(error, key=lambda x: -x[1]), known[0][1].metric, known[0][1].n_rows, averages)
