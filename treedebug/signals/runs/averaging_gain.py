"""What averaging models that differ by their seed alone would gain, from two of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from treedebug.core.run.run_data import RunData
from treedebug.engine.resolve import Missing
from treedebug.signals.runs.run_pair import RunPair


@dataclass(frozen=True, eq=False)
class AveragingGain:
    """Mean squared errors of validation rows; of two classes, those of the probabilities (Brier's score).

    For members that differ by chance alone the average of M of them has the mean error of one less (1 - 1/M) V, where V
    is half the mean squared difference of two members' predictions (Krogh and Vedelsby, 1995).
    """

    dataset: str
    of_classes: bool
    single: float
    """Mean squared error of one model, the mean of both."""
    variance: float
    """V: what an average of infinitely many takes away."""
    n_rows: int

    @classmethod
    def measure(cls, pair: RunPair) -> Self:
        """Raise Missing unless nothing but the seed differs and both predicted the same rows."""
        if not pair.only_seeds or not pair.same_data:
            raise Missing("the two runs do not differ by their seed alone")
        seen = [_predicted(run) for run in (pair.then, pair.now)]
        if (
            seen[0] is None
            or seen[1] is None
            or seen[0][0] != seen[1][0]
            or seen[0][1]["labels"] != seen[1][1]["labels"]
        ):
            raise Missing("no predictions of the same validation rows were recorded of both runs")
        name, facts = seen[0]
        a, b, labels = (np.array(v, dtype=np.float64) for v in (facts["sample"], seen[1][1]["sample"], facts["labels"]))
        errors = [float(np.mean((p - labels) ** 2)) for p in (a, b)]
        of_classes = pair.now.header.n_classes == 2
        return cls(name, of_classes, sum(errors) / 2.0, float(np.mean((a - b) ** 2)) / 2.0, len(labels))

    def of(self, n_members: int) -> float:
        """Return the mean squared error of an average of so many; never under 0."""
        return max(self.single - (1.0 - 1.0 / n_members) * self.variance, 0.0)

    def shown(self, squared: float) -> float:
        """Return an error as users know it: the root of the mean square, or Brier's score of probabilities."""
        return squared if self.of_classes else math.sqrt(squared)


def _predicted(run: RunData) -> tuple[str, dict[str, Any]] | None:
    predicted: dict[str, dict[str, Any]] = run.header.extra.get("predicted") or {}
    found = [(name, facts) for name, facts in predicted.items() if "sample" in facts]
    return found[-1] if found else None
