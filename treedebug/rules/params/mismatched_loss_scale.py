"""HP511 mismatched-loss-scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure, round_to
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.rules.params._loss_scales import capped_factors, log_error_scale, slope_scale, too_small
from treedebug.signals.params.label_scale import IDENTITY, LabelScale
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.params.split_scale import TrainingScale

_LOG_LINK = ("count", "tweedie", "positive")


@dataclass(frozen=True, kw_only=True)
class MismatchedLossScale(Rule):
    """The loss has a scale of its own, and the labels another.

    ## What it does
    Compares parameters that are on the scale of the labels with their standard deviation. LightGBM's `alpha` of huber
    clips every gradient, and `max_delta_step` every leaf: fires if all rounds together cannot move a prediction by
    `min_reach` deviations (of their logarithms 3, under a log link, where `max_delta_step` was set). Fires if `fair_c`
    is less than `min_scale` deviations, and if `reg:pseudohubererror` starts so far from the labels, for its
    `huber_slope`, that its hessian stays under `min_child_weight`. If all rows together have less than `min_gain` to
    gain by squared error: XGBoost takes a split that gains less than 10^-6 for none. And if `reg:squaredlogerror` has
    a hessian of less than `min_child_weight` where a quarter of the labels lie.
    ## Why is this bad
    The gradients are clipped to steps that are tiny beside the labels, or the curvature vanishes: the model hardly
    leaves its start, whatever the trees are.
    ## When to ignore it
    You want the absolute error, and the labels are many times the scale of the loss on purpose.
    """

    code = "HP511"
    name = "mismatched-loss-scale"
    explains: ClassVar[tuple[str, ...]] = (
        "CL407", "CV101", "CV102", "CV103", "CV104", "CV105", "CV106", "CV107", "FT301", "FT302", "FT303",
        "FT304", "HP503",
        "HP506", "HP507", "TR201", "TR202", "TR203", "TR204", "TR205", "TR206", "TR207", "TR210",
    )  # fmt: skip

    min_reach: float = param(0.5, "standard deviations that all rounds can move a prediction", ge=0.0, le=1e6)
    min_scale: float = param(0.05, "fair_c in standard deviations of the labels", ge=0.0, le=1e6)

    min_gain: float = param(0.005, "gain of a tree that fits every label, for XGBoost", ge=0.0, le=1e9)

    def check(self, labels: LabelScale, scale: TrainingScale, params: Params, header: Header) -> Iterator[Finding]:
        """Go through the parameters that have the scale of the labels."""
        spread = f"the labels spread by {figure(labels.std)}"
        gain = scale.max_gain
        if params.library == "xgboost" and params.family == "squared" and gain and gain < self.min_gain:
            yield self._finding("labels", *too_small(labels, gain), gain)
        if params.family == "pseudohuber":
            yield from (self._finding("huber_slope", *found) for found in slope_scale(labels, scale, params))
        yield from (self._finding("labels", *found) for found in log_error_scale(labels, scale, params))
        for name, what in (("alpha", "clips every gradient"), ("max_delta_step", "caps every leaf")):
            cap = self._cap(params, name)
            reach = math.inf if labels.travel is None or not cap else labels.travel * cap
            if name != "alpha" and params.family in _LOG_LINK:
                found = capped_factors(labels, params, header, cap, reach)
                yield from (self._finding(name, *one, cap) for one in found)
            elif reach < self.min_reach * labels.std:
                message = f"{name}={figure(cap)} {what}: all rounds together can move a prediction by {figure(reach)}"
                wide = round_to(2.0 * labels.std) if name == "alpha" else 0
                why = "the scale of the labels" if name == "alpha" else "no cap"
                yield self._finding(name, f"{message}, and {spread}", (change(header, name, wide, why),), cap)
        if params.objective == "fair":
            c = params.numeric("fair_c") or 1.0
            if c < self.min_scale * labels.std:
                message = f"fair_c={figure(c)} is the scale of the loss, and {spread}: its curvature vanishes there"
                better = change(header, "fair_c", round_to(labels.std), "the scale of the labels")
                yield self._finding("fair_c", message, (better,), c)

    def _cap(self, params: Params, name: str) -> float:
        """What bounds a step; 0 if nothing does."""
        if name == "alpha":
            given = params.numeric("alpha") if params.objective == "huber" else 0.0
            return 0.9 if given is None else given
        return (params.numeric(name) or 0.0) if params.family in (*IDENTITY, *_LOG_LINK) else 0.0

    def _finding(self, name: str, message: str, changes: tuple[Change, ...], value: float) -> Finding:
        return self.finding(message, subject=name, try_next=changes, value=value)
