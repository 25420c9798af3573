"""CV118 outliers-rule-loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.changes import question
from treedebug.core.findings import Finding
from treedebug.core.phrases import figure
from treedebug.engine.rule import Rule, param
from treedebug.signals.params.label_scale import LabelScale
from treedebug.signals.params.parameter_view import Params

_MIDDLE = 1.349
"""Standard deviations of a normal distribution between its quartiles."""
_ASKED = (
    "Do errors count in proportion? Then train on log1p(label) and turn predictions back with expm1; where outliers "
    "are slips, on the absolute error. If the squares are what counts, leave it as it is."
)


@dataclass(frozen=True, kw_only=True)
class OutliersRuleLoss(Rule):
    """A few labels are so large that squared error sees nothing else.

    ## What it does
    Looks at squared error on labels that differ in the middle. Fires if their standard deviation is `min_tail` times
    what the quartiles of the labels let expect of a normal distribution: 95 % and more of all squares then stand for a
    few hundredths of the rows.
    ## Why is this bad
    Trees are grown and judged by squares. The gradient of one spike outweighs those of thousands of usual rows, and
    from round to round validation depends on which spikes it has.
    ## When to ignore it
    The largest labels are those that count, and they are right.
    """

    code = "CV118"
    name = "outliers-rule-loss"
    explains: ClassVar[tuple[str, ...]] = (
        "CV101", "CV102", "CV103", "CV104", "CV106", "CV107", "CV109", "CV111", "CV112", "CV115", "CL404", "CL407",
        "DA633", "FT302", "FT306", "HP510", "TR205", "TR206", "TR208", "TR210",
    )  # fmt: skip

    min_tail: float = param(6.0, "standard deviation over that of the middle of the labels", ge=1.0, le=1e9)

    def check(self, scale: LabelScale, params: Params) -> Iterator[Finding]:
        """Compare the spread of all labels with that of their middle."""
        if params.family != "squared" or len(scale.values) < 8:
            return
        low, median, high = (float(q) for q in np.quantile(scale.values, [0.25, 0.5, 0.75]))
        middle = (high - low) / _MIDDLE
        if middle <= 0 or scale.std < self.min_tail * middle:
            return
        largest = max(scale.values, key=lambda v: abs(v - median))
        yield self.finding(
            f"half of the training labels lie between {figure(low)} and {figure(high)}, and the largest at "
            f"{figure(float(largest))} or beyond: under squared error a few outliers outweigh all other rows: is "
            "that what you want?",
            try_next=(question(_ASKED),),
            std=scale.std,
            middle=middle,
            median=median,
        )
