"""FT301 low-feature-importance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import listed, percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.features.importance_share import FeatureShares


@dataclass(frozen=True, kw_only=True)
class LowFeatureImportance(Rule):
    """Many features carry next to no gain.

    ## What it does
    Takes the weakest features that together hold `max_gain` of the total gain. Fires when they are `min_features`
    of all, in tables of `min_count` features or more. Features never split on count too, unless most columns are never
    used (a wide, sparse table), where that is normal.
    ## Why is this bad
    They cost memory and time in training and serving, each is one more thing that can break, and weak features are
    where trees fit noise.
    ## When to ignore it
    They matter to a few rows that you care about, or cost nothing.
    """

    code = "FT301"
    name = "low-feature-importance"
    severity: ClassVar[Severity] = Severity.INFO

    max_gain: float = param(0.01, "share of the total gain that the weak features hold together", ge=0.0, le=1.0)
    min_features: float = param(0.5, "share of the features that is weak", ge=0.0, le=1.0)
    min_rounds: int = param(20, "rounds before the shares mean anything", ge=1, le=100_000)
    min_count: int = param(200, "features there must be, for the weak ones to cost anything", ge=2, le=1_000_000)

    def check(self, shares: FeatureShares) -> Iterator[Finding]:
        """Count the weakest features that together hold the given share of the gain."""
        n_unused = shares.n_features - shares.n_used
        counted = shares.n_features if n_unused <= shares.n_used else shares.n_used
        if shares.n_rounds < self.min_rounds or counted < self.min_count:
            return
        gains = shares.gain_share[shares.order]
        n_idle = counted - shares.n_used
        n_weak = n_idle + int((np.cumsum(gains[::-1]) <= self.max_gain).sum())
        if n_weak < self.min_features * counted:
            return
        strong = counted - n_weak
        weak = [*shares.names(shares.order[strong:]), *shares.unused(n_idle)]
        held = float(gains[strong:].sum())
        yield self.finding(
            f"{n_weak} of {counted} features hold {percent(held)} of the gain together: {listed(weak)}",
            n_weak=n_weak,
            n_features=shares.n_features,
            n_unused=n_unused,
            gain_share=held,
            features=weak[:100],
        )
