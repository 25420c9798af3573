"""HP510 distant-start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure, percent, round_to
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.params._link_starts import far_mean, other_scale, out_of_reach
from treedebug.signals.params.label_scale import LabelScale
from treedebug.signals.params.own_gradient import OwnGradient
from treedebug.signals.params.parameter_view import Params

_OF_LINKS = ("CL404", "CL405", "CL407", "CV103", "CV104", "CV106", "CV107", "HP503", "HP507", "TR204", "CL403")


@dataclass(frozen=True, kw_only=True)
class DistantStart(Rule):
    """The model starts far from the labels, and spends its rounds on the way to their mean.

    ## What it does
    Compares what every row is predicted before the first round with the mean training label: 0 (LightGBM) or 0.5
    (XGBoost) for an objective of one's own, the `base_score` that was given, 0 with `boost_from_average=false`. Fires
    if it lies `min_distance` or more standard deviations of the labels away. A warning if `min_left` deviations or
    more of that distance still stand after all planned rounds, since a round takes away a share of the learning rate
    only; else info. Under a link (log odds, logarithms) it fires if all planned rounds leave a factor of `min_factor`
    between the mean prediction and the mean label; and if `base_margin` or `init_score` of each row are predictions
    (probabilities, amounts) where the objective starts from log odds or logarithms. And if the gradients of an own
    objective (LightGBM) are so small that all rounds together cannot reach the mean label.
    ## Why is this bad
    The first trees do nothing but find the mean, in the rows of every leaf apart, and thin leaves never get there.
    ## When to ignore it
    Your own objective has a link, so that its raw score is not on the scale of the labels.
    """

    code = "HP510"
    name = "distant-start"
    explains: ClassVar[tuple[str, ...]] = (
        "CL407", "CV101", "CV103", "CV104", "CV106", "FT301", "FT302", "FT303", "HP503", "HP507", "TR201", "TR203",
        "TR204", "TR206", "TR207", "TR210",
    )  # fmt: skip

    min_distance: float = param(3.0, "standard deviations of the labels between start and mean", ge=0.0, le=1e9)
    min_left: float = param(0.05, "standard deviations of it that all rounds leave standing", ge=0.0, le=1e9)
    min_factor: float = param(1.5, "of odds or amounts, that all rounds leave between mean and label", ge=1.0, le=1e9)

    def check(
        self, scale: LabelScale | None, params: Params, header: Header, own: OwnGradient | None
    ) -> Iterator[Finding]:
        """Compare the start with the labels."""
        if scale is None and not header.training_label():
            raise Missing("the training labels were not recorded")
        if not params.grows_trees:
            return
        for subject, message, changes, evidence in (
            *other_scale(params, header),
            *far_mean(params, header, self.min_factor),
        ):
            yield self.finding(message, subject=subject, try_next=changes, explains=_OF_LINKS, **evidence)
        short = "" if scale is None or own is None else out_of_reach(scale, own)
        if scale is not None and short:
            yield self.finding(short, subject="start", try_next=(_nearer(params, header, scale.mean),))
        elif scale is not None:
            yield from self._of_numbers(scale, params, header)

    def _of_numbers(self, scale: LabelScale, params: Params, header: Header) -> Iterator[Finding]:
        distance = scale.from_start()
        given = scale.start_given or params.objective == "custom" or params.library == "lightgbm"
        if distance is None or scale.start is None or not given or distance < self.min_distance:
            return
        left = distance * scale.left()
        own = params.objective == "custom"
        what = "your own objective" if own else f"objective={params.objective}"
        r = params.numeric("learning_rate")
        slow = "" if r is None else f"; a round of learning rate {figure(r)} takes away {percent(r)} of it"
        yield self.finding(
            f"{what} starts at {figure(scale.start)}, far from the labels, which lie at {figure(scale.mean)} give or "
            f"take {figure(scale.std)}{slow}. Start at their mean",
            severity=Severity.WARNING if left >= self.min_left else Severity.INFO,
            subject="start",
            try_next=(_nearer(params, header, scale.mean),),
            start=scale.start,
            mean=scale.mean,
            std=scale.std,
            left=left,
        )


def _nearer(params: Params, header: Header, mean: float) -> Change:
    value = round_to(mean)
    if header.library == "xgboost":
        return Change("base_score", value, "the mean of the labels")
    if params.objective == "custom":
        return Change("init_score", value, "of every row, in both Datasets; add it to the predictions afterwards")
    return Change("boost_from_average", value=True, why="start at the mean of the labels")
