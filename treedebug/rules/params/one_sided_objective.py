"""HP533 one-sided-objective."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.params.own_scores import OwnScores


@dataclass(frozen=True, kw_only=True)
class OneSidedObjective(Rule):
    """An objective of one's own pushes the scores of all rows the same way.

    ## What it does
    Looks, where the objective is a function of the user's own and the labels are 0 and 1, at the raw scores of the
    validation rows at the end. Fires if those of all rows, of both classes, lie on one side of the start and beyond the
    labels (`min_scores` on average), while that side is the one of the smaller class, or holds `max_share` of the rows
    at most: no row was ever pushed the other way.
    ## Why is this bad
    The gradient is 0 for one class, or has one sign for both. Most often the loss is written for labels of -1 and 1,
    and 0 takes the place of -1: its gradient vanishes, and the class teaches nothing.
    ## When to ignore it
    Your scores start far outside of what they can become.
    """

    code = "HP533"
    name = "one-sided-objective"
    explains: ClassVar[tuple[str, ...]] = (
        "CV101", "CV103", "CV104", "CV105", "CV107", "CL407", "HP505", "HP507", "HP510",
    )  # fmt: skip

    min_scores: float = param(1.1, "mean raw score, beyond what fits of 0 and 1 reach", ge=0.0, le=1e6)
    max_share: float = param(0.7, "share of the rows in the class on that side", ge=0.0, le=1.0)
    min_rows: int = param(50, "validation rows that are looked at", ge=2, le=1_000_000)

    def check(self, own: OwnScores) -> Iterator[Finding]:
        """Compare the scores with the start, and with the labels."""
        scores, labels = own.scores, own.labels
        if len(scores) < self.min_rows or set(np.unique(labels)) != {0.0, 1.0}:
            return
        up, down = bool((scores > own.start).all()), bool((scores < own.start).all())
        share, mean = float((labels == float(up)).mean()), float(scores.mean())
        if not (up or down) or abs(mean) < self.min_scores or share > self.max_share:
            return
        extreme = float(scores.min() if up else scores.max())
        yield self.finding(
            f"your own objective pushed the scores of all rows of {own.dataset} {'up' if up else 'down'} (from "
            f"{figure(own.start)} to {figure(extreme)} at least, {figure(mean)} on average), though "
            f"{percent(1.0 - share)} of the labels are {0 if up else 1}: the gradient of that class is 0, or has the "
            "sign of the other. Is the loss written for labels of -1 and 1?",
            subject=own.dataset,
            start=own.start,
            mean=mean,
            share=share,
        )
