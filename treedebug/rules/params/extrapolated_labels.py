"""HP515 extrapolated-labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.params.label_range import LabelRange
from treedebug.signals.params.parameter_view import Params


@dataclass(frozen=True, kw_only=True)
class ExtrapolatedLabels(Rule):
    """Validation labels lie outside the range of the training labels, where trees cannot predict.

    ## What it does
    Compares the labels of the last validation set with the least and the largest training label. Fires if `min_share`
    of them, and `min_rows` or more, lie outside, the farthest by `min_beyond` standard deviations. Rows that were
    drawn at random lie inside but for one or two.
    ## Why is this bad
    A leaf predicts a mean of training labels: a model of trees never goes far beyond the largest one. Where the labels
    follow a trend, every forecast stays behind, and no parameter mends it.
    ## When to ignore it
    You are after the order of the rows only, or a linear part of the model (`linear_tree`) takes up the trend.
    """

    code = "HP515"
    name = "extrapolated-labels"
    explains: ClassVar[tuple[str, ...]] = (
        "CL404", "CL407", "CV101", "CV102", "CV103", "CV104", "CV106", "CV107", "FT302", "FT303", "FT305", "FT306",
    )  # fmt: skip

    min_share: float = param(0.05, "share of the validation labels outside", ge=0.0, le=1.0)
    min_rows: int = param(5, "validation rows outside", ge=1, le=1_000_000)
    min_beyond: float = param(0.1, "standard deviations that the farthest lies outside", ge=0.0, le=1e6)

    def check(self, labels: LabelRange, params: Params) -> Iterator[Finding]:
        """Compare the two ranges."""
        outside, bound = max((labels.above, labels.high), (labels.below, labels.low))
        beyond = labels.farthest - labels.high if labels.above >= labels.below else labels.low - labels.farthest
        linear = params.is_on("linear_tree") or not params.grows_trees
        if linear or outside < self.min_share or outside * labels.n_rows < self.min_rows:
            return
        if beyond < self.min_beyond * labels.std or params.family in ("binary", "multi", "rank"):
            return
        side, most = ("above", "largest") if labels.above >= labels.below else ("below", "smallest")
        yield self.finding(
            f"{percent(outside)} of the labels of {labels.dataset} lie {side} the {most} training label, "
            f"{figure(bound)} "
            f"(up to {figure(labels.farthest)}): trees cannot extrapolate. Predict the difference from a trend or from "
            "the last known value, and add it again",
            subject=labels.dataset,
            share=outside,
            bound=bound,
            farthest=labels.farthest,
        )
