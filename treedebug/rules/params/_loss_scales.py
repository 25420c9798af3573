"""What HP511 says of scales that are not those of the labels."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from treedebug.core.findings import Change
from treedebug.core.phrases import figure, percent, round_to
from treedebug.core.run.run_data import Header
from treedebug.rules.advice import change
from treedebug.signals.params.label_scale import LabelScale, base_score
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.params.split_scale import TrainingScale

Changes = tuple[Change, ...]
_MOST_BEYOND = 0.25
"""Share of the labels that a loss may be unable to reach."""


def capped_factors(
    labels: LabelScale, params: Params, header: Header, cap: float, reach: float
) -> Iterator[tuple[str, Changes]]:
    """Yield what is wrong with a cap under a log link, where a prediction is the exponential of the leaves' sum."""
    spread = float(np.log(np.maximum(labels.values, 0.5)).std())
    if params.was_given("max_delta_step") and reach < 3.0 * spread:
        message = (
            f"max_delta_step={figure(cap)} caps every leaf: all rounds together can change a prediction by a "
            f"factor of {figure(math.exp(min(reach, 50.0)))}, and the labels differ by {figure(math.exp(spread))} "
            "and more"
        )
        yield message, (change(header, "max_delta_step", 0.7, "XGBoost's own for counts"),)


def too_small(labels: LabelScale, gain: float) -> tuple[str, Changes]:
    """Return what is wrong with labels whose squares are below what XGBoost takes for a gain, and what to do."""
    factor = 10 ** round(-math.log10(labels.std))
    message = (
        f"the labels spread by {figure(labels.std)}: a tree that fits them all would gain {figure(gain)}, and XGBoost "
        f"takes a split that gains less than 1e-06 for none. Train on the labels times {factor}, and divide the "
        "predictions by it"
    )
    return message, ()


def slope_scale(labels: LabelScale, scale: TrainingScale, params: Params) -> Iterator[tuple[str, Changes, float]]:
    """Yield what is wrong with the slope of a pseudo-Huber loss that starts too far from the labels."""
    slope, least = params.numeric("huber_slope") or 1.0, params.numeric("min_child_weight") or 0.0
    if scale.mass is None or scale.has_split or scale.mass > 2.0 * min(least, 1.0):
        return
    start = base_score(params)
    at = "" if start is None else f", and training starts at {figure(start)}"
    message = (
        f"huber_slope={figure(slope)} is the scale of the loss; the labels lie at {figure(labels.mean)} give or take "
        f"{figure(labels.std)}{at}: the hessian of all rows together is {figure(scale.mass)}, and nothing is learned"
    )
    yield (
        message,
        (
            Change("huber_slope", round_to(labels.std), "the scale of the labels"),
            Change("base_score", round_to(float(np.median(labels.values))), "start among the labels"),
        ),
        slope,
    )


def log_error_scale(labels: LabelScale, scale: TrainingScale, params: Params) -> Iterator[tuple[str, Changes, float]]:
    """Yield what is wrong with reg:squaredlogerror on labels so large that its hessian lets no tree reach them."""
    least = params.numeric("min_child_weight") or 0.0
    if params.objective != "reg:squaredlogerror" or not least > 0:
        return
    reach = math.sqrt(scale.drawn * max(scale.mean_weight, 1e-12) / least) - 1.0
    beyond = float((labels.values > reach).mean())
    if beyond < _MOST_BEYOND:
        return
    message = (
        f"the hessian of reg:squaredlogerror is 1 / (1 + prediction)^2: at predictions of {figure(reach)} all rows "
        f"together have min_child_weight={figure(least)}, and no tree moves them further; {percent(beyond)} of the "
        "labels lie beyond. Fit log1p(label) with reg:squarederror, and take expm1 of the predictions"
    )
    yield message, (Change("objective", "reg:squarederror", "on log1p of the labels"),), reach
