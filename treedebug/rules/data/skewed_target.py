"""DA633 skewed-target."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.label_traces import LabelShape
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import rows
from treedebug.signals.data.checked_tables import NO_LABEL, TrainingTable, lacking


@dataclass(frozen=True, kw_only=True)
class SkewedTarget(Rule):
    """A label of numbers has outliers, a cap, many zeros, or a heavy tail.

    ## What it does
    A warning for labels further from the median than 20 times the span between the 5 % and the 95 % quantile and three
    times as far as all others, if they are at most `max_outliers` of the rows. Info for a largest value that
    `min_capped` or more of the rows share, though few hold the next smaller ones; for zeros in `min_zeros` or more of
    the rows of a label that is never negative; and for a label that is never negative with a tail `min_tail` times as
    long as from the median to the upper quartile.
    ## Why is this bad
    Under squared error a few enormous labels rule every tree. A cap hides how large a label was. Zeros and amounts are
    two questions. A heavy tail is learned better as a logarithm, or with another objective.
    ## When to ignore it
    The large errors are those that matter, and the label is right as it stands.
    """

    code = "DA633"
    name = "skewed-target"

    max_outliers: float = param(0.01, "share of the rows that may be outliers", ge=0.0, le=1.0)
    min_capped: float = param(0.01, "share of the rows on the largest value", ge=0.0, le=1.0)
    min_zeros: float = param(0.2, "share of the rows that are 0", ge=0.0, le=1.0)
    min_tail: float = param(20.0, "(99.9 % quantile - median) / (75 % quantile - median)", ge=1.0, le=1e9)

    def check(self, table: TrainingTable) -> Iterator[Finding]:
        """Compare zeros, largest value, tail and outliers."""
        label = table.profile.label
        if label is None:
            raise lacking(table.profile, NO_LABEL)
        shape = label.shape
        if shape is None:
            raise Missing("needs a label of numbers, of 50 rows or more")
        yield from self._outliers(shape, label.n_labelled)
        if shape.top_share >= self.min_capped and self._is_cap(shape, label.n_labelled):
            yield self.finding(
                f"the label is {figure(shape.top)} in {percent(shape.top_share)} of the rows; the next smaller value "
                f"is {figure(shape.below_top)}: a cap?",
                subject="cap", severity=Severity.INFO, share=shape.top_share, value=shape.top,
            )  # fmt: skip
        zeros = shape.is_positive and label.column.n_distinct > 20 and shape.zero_share >= self.min_zeros
        if zeros:
            yield self.finding(
                f"the label is 0 in {percent(shape.zero_share)} of the rows and an amount in the others",
                subject="zeros", severity=Severity.INFO, share=shape.zero_share,
                try_next=(Change("objective", "reg:tweedie", "or one model for 'is it 0' and one for the amount"),),
            )  # fmt: skip
        elif shape.is_positive and math.isfinite(shape.tail) and shape.tail >= self.min_tail:
            yield self.finding(
                f"the label has a heavy tail: median {figure(shape.median)}, 99 % quantile {figure(shape.high)}, "
                f"largest {figure(shape.top)}",
                subject="tail", severity=Severity.INFO, tail=shape.tail,
                try_next=(Change("label", "log1p", "if relative errors matter"),),
            )  # fmt: skip

    def _outliers(self, shape: LabelShape, n: int) -> Iterator[Finding]:
        if 0 < shape.n_outliers <= self.max_outliers * n:
            yield self.finding(
                f"{rows(shape.n_outliers)} {'has' if shape.n_outliers == 1 else 'have'} a label far off: "
                f"{figure(shape.outlier)}, where 98 % lie between {figure(shape.low)} and {figure(shape.high)}",
                subject="outliers", n_rows=shape.n_outliers, value=shape.outlier,
                try_next=(Change("review_rows", f"|label - {figure(shape.median)}| > 20 spans",
                                 "a slip, another unit, or a robust objective"),),
            )  # fmt: skip

    def _is_cap(self, shape: LabelShape, n: int) -> bool:
        """Whether many rows share the largest value of a label that hardly repeats."""
        return shape.top_share * n >= 10 and math.isfinite(shape.below_top) and shape.top > shape.high - 1e-12
