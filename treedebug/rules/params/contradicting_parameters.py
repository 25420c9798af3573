"""HP502 contradicting-parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.params.user_spelling import spelled
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.rules.params._parameter_conflicts import (
    Clash,
    of_cap,
    of_dropping,
    of_groups,
    of_lightgbm,
    of_quantiles,
    of_refresh,
    of_room,
    of_sizes,
    twice,
)
from treedebug.signals.curves.metric_facts import class_counts, class_weights
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.trees.tree_shape import TreeShape

_SHAPES = {"interaction_constraints": ("CV112", "FT301", "FT302", "FT304", "FT306", "TR206"), "num_leaves": ("FT306",)}


@dataclass(frozen=True, kw_only=True)
class ContradictingParameters(Rule):
    """Two parameters cannot both be meant.

    ## What it does
    Fires for one parameter set under two names with different values; `is_unbalance` beside `scale_pos_weight`; class
    weights given twice, as `scale_pos_weight` and as sample weights that already even the classes out; a number of
    classes that does not go with the objective; a random forest without `bagging_freq`; early stopping with LightGBM's
    dart, which has none; XGBoost's dart without a `rate_drop`; interaction constraints that leave features out
    (LightGBM), or forbid all; XGBoost's `num_parallel_tree` without sampling, where all of them are one tree; XGBoost's
    `process_type=update` with fewer rounds than the given model has, which drops its other trees; a quantile so far out
    that less than half a row of LightGBM's smallest leaf lies beyond it, as in the average leaf; LightGBM's
    `zero_as_missing` where zeros and gaps of a column have other labels (known while the raw data is there); its
    `max_depth` with room for `least_room` times the default `num_leaves` that ends `min_full` of the trees; and more
    leaves set by hand than the depth allows (a warning from `most_unreachable` times as many on, else info), or
    `least_room` times those that LightGBM's smallest leaf allows.
    ## Why is this bad
    One of the two loses, and which one is an accident of the library. Weights given twice overshoot.
    ## When to ignore it
    You know which of the two wins, and that is the one you mean.
    """

    code = "HP502"
    name = "contradicting-parameters"
    explains: ClassVar[tuple[str, ...]] = (
        "CL408", "CV102", "CV103", "CV106", "TR202", "TR209", "DA622",
    )  # fmt: skip

    most_unreachable: float = param(2.0, "leaves asked for, over what the depth allows, for a warning", ge=1.0, le=1e6)
    least_room: float = param(8.0, "leaves that max_depth has room for, over the default num_leaves", ge=1.0, le=1e9)
    min_full: float = param(0.9, "share of the trees that end at num_leaves", ge=0.0, le=1.0)
    max_weight: float = param(2.0, "share of positive over negative weight that is too much", ge=1.0, le=1e6)

    def check(self, params: Params, header: Header, shape: TreeShape | None) -> Iterator[Finding]:
        """Go through the known clashes."""
        clashes = [*twice(params), *of_sizes(params, header, self.most_unreachable), *self._weights(params, header)]
        clashes += [*of_groups(params, header), *of_refresh(header), *of_quantiles(params, header)]
        clashes += of_dropping(params, header)
        if params.library == "lightgbm":
            clashes += [*of_lightgbm(params, header), *of_room(params, header, self.least_room)]
            clashes += of_cap(params, shape, least_room=self.least_room, min_full=self.min_full)
        for subject, message, severity, changes in clashes:
            yield self.finding(message, subject=subject, severity=severity, try_next=changes, parameters=subject,
                               explains=(*self.explains, *_SHAPES.get(subject.split(",")[0], ())))  # fmt: skip

    def _weights(self, params: Params, header: Header) -> Iterator[Clash]:
        scale, counts = params.numeric("scale_pos_weight") or 1.0, class_counts(header.training_label())
        weights = class_weights(header.training_label())
        if params.library == "lightgbm" and params.is_on("is_unbalance") and scale != 1.0:
            message = (
                f"is_unbalance and scale_pos_weight={figure(scale)} both weigh the positives: LightGBM refuses that"
            )
            better = Change(spelled(header, "is_unbalance"), value=False, why="or leave out scale_pos_weight")
            yield "is_unbalance, scale_pos_weight", message, Severity.ERROR, (better,)
        if counts is None or weights is None or len(counts) != 2 or not (counts > 0).all() or scale <= 1:
            return
        given = float(weights[1] / max(float(weights[0]), 1e-300) * counts[0] / counts[1])
        total = scale * float(weights[1]) / max(float(weights[0]), 1e-300)
        if given >= self.max_weight and total >= self.max_weight:
            message = (
                f"the sample weights give a positive row {figure(given)} times the weight of a negative one, and "
                f"scale_pos_weight={figure(scale)} multiplies it: positives weigh {figure(total)} times all negatives"
            )
            better = change(header, "scale_pos_weight", 1, "the sample weights do it already")
            yield "scale_pos_weight, weight", message, Severity.WARNING, (better,)
