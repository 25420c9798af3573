"""Dependence: what each feature alone tells of the label, best first."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

from treedebug.core.data.column_profile import CLASSES
from treedebug.core.data.label_mean_trace import LabelAverage
from treedebug.core.data.table_profile import LabelProfile
from treedebug.core.roc_error import area_variance
from treedebug.signals.data.checked_tables import NO_LABEL, TrainingTable, lacking


@dataclass(frozen=True, eq=False)
class LabelDependence:
    """`scores` are (feature, score) pairs, highest first; 0 is no better than a guess, 1 perfect."""

    scores: list[tuple[str, float]]
    metric: str
    n_rows: int
    averages: list[tuple[str, LabelAverage]] = field(default_factory=list)
    """Columns that may be the mean label of small groups of rows."""
    class_rows: tuple[float, ...] = ()
    """Rows of each class among those the scores are of; none of a label of numbers."""

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
        ranked, (_, best) = sorted(error, key=lambda x: -x[1]), known[0]
        return cls(ranked, best.metric, best.n_rows, averages, _class_rows(table.profile.label, best.n_rows))

    def value(self, score: float) -> float:
        """Return the AUC, or the share of the variance, behind a score of 0 to 1."""
        return (1.0 + score) / 2.0 if self.metric == "auc" else score

    def error(self, score: float) -> float:
        """Return the standard error of such a score, which grows as the rarest class has fewer rows; 0 of numbers."""
        rows = self.class_rows if len(self.class_rows) > 2 else sorted(self.class_rows)[:1]
        variances = [area_variance(self.value(score), n, sum(self.class_rows) - n) for n in rows]
        return 2.0 * math.sqrt(sum(variances)) / max(len(rows), 1)


def _class_rows(label: LabelProfile | None, n_rows: int) -> tuple[float, ...]:
    counts = [c.count for c in label.classes if c.count > 0] if label is not None and label.kind == CLASSES else []
    return tuple(n * n_rows / sum(counts) for n in counts)
