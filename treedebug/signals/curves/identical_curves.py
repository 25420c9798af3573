"""How alike the curves of two datasets are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np

from treedebug.core.run.eval_log import EvalSeries
from treedebug.signals.curves.eval_curves import AllCurves


@dataclass(frozen=True, eq=False)
class Twin:
    """Two datasets that were watched with the same metrics in the same rounds."""

    datasets: tuple[str, str]
    metrics: tuple[str, ...]
    difference: float
    """The largest in any round and metric, as a share of the first dataset's value; inf if one is not finite."""
    n_values: int
    """Different values of the liveliest metric."""
    curve: EvalSeries
    """Of the first dataset and the last metric."""
    holds_training: bool
    """One of the two is the training data."""


@dataclass(frozen=True, eq=False)
class CurvePairs:
    """Every two datasets that share a metric and rounds."""

    pairs: tuple[Twin, ...]

    @classmethod
    def measure(cls, every: AllCurves) -> Self:
        """Measure from all curves."""
        by_dataset: dict[str, dict[str, EvalSeries]] = {}
        for curve in every.curves:
            by_dataset.setdefault(curve.dataset, {})[curve.metric] = curve
        training = {c.dataset for c in every.training}
        found = []
        for one, other in combinations(by_dataset, 2):
            shared = [m for m in by_dataset[one] if m in by_dataset[other]]
            both = [(by_dataset[one][m], by_dataset[other][m]) for m in shared]
            if both and all(len(a.values) == len(b.values) and a.rounds[0] == b.rounds[0] for a, b in both):
                values = max(len(np.unique(a.values)) for a, _ in both)
                far = max(_difference(a, b) for a, b in both)
                known = bool(training & {one, other})
                found.append(Twin((one, other), tuple(shared), far, values, both[-1][0], known))
        return cls(tuple(found))


def _difference(one: EvalSeries, other: EvalSeries) -> float:
    gap = np.abs(one.values - other.values)
    if not np.isfinite(gap).all():
        return np.inf
    share = np.divide(gap, np.abs(one.values), out=np.where(gap > 0.0, np.inf, 0.0), where=one.values != 0.0)
    return float(share.max())
