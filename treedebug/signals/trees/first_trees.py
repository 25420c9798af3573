"""What the trees of the first round found in the training data beyond chance, and what that promises for other rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.resolve import Missing
from treedebug.signals.params.parameter_view import Params

_PLACES = 30.0
"""Places to split a feature that are as good as independent: with them 2 ln(places x features) lies over the mean gain
of a split on noise, of 3 to 200 features in both libraries (6 and 9 of 3, 16 and 17 of 200)."""


@dataclass(frozen=True, eq=False)
class FirstTrees:
    """The trees of the first round, gains in variances of a row's gradient."""

    gain: float
    """Of all splits."""
    n_splits: int
    n_features: int
    n_rows: float
    """Training rows that a tree sees."""
    rate: float
    unit: float
    """What a row's share of the gain is divided by, to become a share of the loss of a constant prediction."""

    @classmethod
    def measure(cls, trees: TreeSummary, header: Header, params: Params) -> Self:
        """Raise Missing for continued trainings, weighted rows, and objectives but squared error and log loss."""
        facts = header.training_facts()
        label, rate = facts.get("label") or {}, params.numeric("learning_rate")
        std = label.get("std") or 0.0
        weighed = (
            "mean_weight" in facts
            or params.is_on("is_unbalance")
            or params.numeric("scale_pos_weight") not in (None, 1.0)
        )
        if header.start_round or weighed or facts.get("starts_given") or not rate or not facts.get("n_rows"):
            raise Missing("the gain of the first trees is not on a known scale")
        if (
            params.family not in ("squared", "binary", "multi")
            or (params.family == "squared" and not std > 0)
            or params.is_forest
        ):
            raise Missing("the scale of the gain is known of squared error and log loss only")
        n = max(header.trees_per_round, 1)
        gain, splits = float(trees.column("total_gain")[:n].sum()), int((trees.column("n_leaves")[:n] - 1).sum())
        if not gain > 0:
            raise Missing("the first trees have no split")
        return cls(
            gain / (std**2 if params.family == "squared" else 1.0),
            splits,
            max(header.n_features, 1),
            params.sampled * facts["n_rows"],
            rate,
            1.0 if params.family == "squared" else 2.0 * _entropy(label),
        )

    @property
    def sure(self) -> float:
        """The gain beyond what splits on noise would have."""
        return self.gain - 2.0 * math.log(_PLACES * self.n_features) * self.n_splits

    @property
    def promise(self) -> float:
        """Share of a constant's loss that the first round must remove on other rows of the same kind; may be < 0."""
        return (2.0 * self.rate * self.sure - self.rate**2 * self.gain) / self.n_rows / self.unit

    def by(self, n_rounds: int) -> float:
        """Return the same of so many rounds that find nothing but what the first one found."""
        return self.promise * (1.0 - math.exp(-2.0 * self.rate * n_rounds)) / (2.0 * self.rate)

    def certainty(self, n_valid: int) -> float:
        """How many standard errors of so many validation rows that promise is worth."""
        return self.sure / math.sqrt(self.gain) * math.sqrt(n_valid / self.n_rows)


def _entropy(label: dict[str, Any]) -> float:
    """Return the log loss of a prediction of the classes' shares."""
    counts, mean = label.get("counts") or [], label.get("mean")
    shares = [c / sum(counts) for c in counts if c > 0] if counts else [mean, 1.0 - mean] if mean is not None else []
    if len(shares) < 2 or not all(0.0 < p < 1.0 for p in shares):
        raise Missing("the shares of the classes are not known")
    return -float(sum(p * math.log(p) for p in shares))
