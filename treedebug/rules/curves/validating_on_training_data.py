"""CV108 validating-on-training-data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from treedebug.core.evals import EvalSeries
from treedebug.core.findings import Finding, Severity
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import figure, listed
from treedebug.signals.curves import AllCurves


@dataclass(frozen=True, kw_only=True)
class ValidatingOnTrainingData(Rule):
    """Two datasets give the same curve.

    ## What it does
    Compares every two datasets. Fires when all metrics they share agree in every round to `tolerance` of their
    values, over `min_rounds` rounds or more, and at least one of them took `min_values` different values. An error if
    one of the two is the training data; info for two validation sets.
    ## Why is this bad
    The score is the training score: it says nothing about new data, overfitting cannot be seen, and early stopping
    never stops.
    ## When to ignore it
    You watch the same rows twice on purpose.
    """

    code = "CV108"
    name = "validating-on-training-data"
    preview = True
    severity: ClassVar[Severity] = Severity.ERROR
    explains: ClassVar[tuple[str, ...]] = ("CV106", "CV109")

    tolerance: float = param(1e-6, "difference allowed, as a share of the value", ge=0.0, le=0.1)
    min_rounds: int = param(10, "rounds in which the curves agree", ge=2, le=100_000)
    min_values: int = param(5, "different values in a curve, for its agreement to mean anything", ge=2, le=100_000)

    def check(self, every: AllCurves) -> Iterator[Finding]:
        """Compare the curves of every two datasets."""
        by_dataset: dict[str, dict[str, EvalSeries]] = {}
        for curve in every.curves:
            by_dataset.setdefault(curve.dataset, {})[curve.metric] = curve
        training = {c.dataset for c in every.training}
        for one, other in combinations(by_dataset, 2):
            shared = [m for m in by_dataset[one] if m in by_dataset[other]]
            pairs = [(by_dataset[one][m], by_dataset[other][m]) for m in shared]
            if not pairs or not all(self._same(a, b) for a, b in pairs):
                continue
            curve = pairs[-1][0]
            if all(len(np.unique(a.values)) < self.min_values for a, _ in pairs):
                continue
            yield self.finding(
                f"{one} and {other} give the same {listed(shared)} in all {len(curve.rounds)} rounds "
                f"({figure(float(curve.values[-1]))} in the last): they hold the same rows",
                subject=f"{one} = {other}",
                severity=self.severity if training & {one, other} else Severity.INFO,
                rounds=(int(curve.rounds[0]), int(curve.rounds[-1])),
                datasets=[one, other],
                metrics=shared,
                n_rounds=len(curve.rounds),
            )

    def _same(self, one: EvalSeries, other: EvalSeries) -> bool:
        """Whether two curves agree in every round."""
        a, b = one.values, other.values
        if len(a) != len(b) or len(a) < self.min_rounds or one.rounds[0] != other.rounds[0]:
            return False
        if not abs(a[-1] - b[-1]) <= self.tolerance * abs(a[-1]):  # most curves differ at the end
            return False
        return bool((np.abs(a - b) <= self.tolerance * np.abs(a)).all())
