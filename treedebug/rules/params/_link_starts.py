"""Starts of objectives with a link: an average that the rounds do not reach, and starts on the wrong scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from treedebug.core.findings import Change
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.signals.curves.metric_facts import class_counts
from treedebug.signals.params.label_scale import LabelScale, base_score
from treedebug.signals.params.own_gradient import OwnGradient
from treedebug.signals.params.parameter_view import Params

Start = tuple[str, str, tuple[Change, ...], dict[str, Any]]
"""Subject, message, what to do, evidence."""
_NEAR = 1.05
"""Factor between two means that is none."""
_MOST_ROUNDS = 5000
"""Followed one by one; whoever trains more has arrived."""


def far_mean(params: Params, header: Header, min_factor: float) -> Iterator[Start]:
    """Yield a start from which the planned rounds do not reach the mean label."""
    facts = header.training_facts()
    mean, start = _mean_label(params, facts), _given_start(params, facts)
    rate, planned = params.numeric("learning_rate"), header.planned_rounds
    weighed = (params.numeric("scale_pos_weight") or 1.0) != 1.0 or params.is_on("is_unbalance")
    if weighed or header.start_round:
        return
    if mean is None or start is None or rate is None or planned is None:
        return
    end = _end(params, start, mean, rate, planned)
    factor = end / mean * ((1.0 - mean) / (1.0 - end) if params.family == "binary" else 1.0)
    if max(factor, 1.0 / max(factor, 1e-300)) < min_factor:
        return
    told = percent if params.family == "binary" else figure
    lightgbm = params.library == "lightgbm"
    how = "boost_from_average=False" if lightgbm else f"base_score={figure(start)}"
    better: tuple[Change, ...] = (Change("base_score", float(f"{mean:.3g}"), "the mean of the labels"),)
    if lightgbm:
        better = (Change("boost_from_average", value=True, why="start at the mean"),)
    own = ""
    if facts.get("starts_given"):
        how, better = "init_score" if lightgbm else "base_margin", ()
        mean_of = "the start that LightGBM looks for" if lightgbm else "base_score"
        own = f". It takes the place of {mean_of}: add the {_link(params)} that brings the start to the mean label"
    message = (
        f"{how} starts the rows at {told(start)}, and the mean label is {told(mean)}: {planned} rounds at a learning "
        f"rate of {figure(rate)} bring the mean prediction to {told(end)} only{own}"
    )
    yield "start", message, better, {"start": start, "mean": mean, "end": end}


def other_scale(params: Params, header: Header) -> Iterator[Start]:
    """Yield starts of each row's own that are predictions, where the objective takes log odds or logarithms."""
    name = "init_score" if params.library == "lightgbm" else "base_margin"
    for dataset, facts in header.data.items():
        told, mean = facts.get("starts") or {}, _mean_label(params, facts)
        if not told or mean is None:
            continue
        binary = params.family == "binary"
        meant = 1.0 / (1.0 + math.exp(min(-told["mean"], 50.0))) if binary else math.exp(min(told["mean"], 50.0))
        alike = abs(told["mean"] - mean) < 0.1 * (1.0 if binary else mean)
        off = abs(meant - mean) > 0.1 if binary else not 0.5 < meant / mean < 2.0
        if not (alike and off and told["minimum"] >= 0.0 and (told["maximum"] <= 1.0 or not binary)):
            continue
        what, link = ("probabilities", "log odds: log(p / (1 - p))") if binary else ("amounts", "logarithms")
        message = (
            f"{name} of {dataset} goes from {figure(told['minimum'])} to {figure(told['maximum'])}, and its mean of "
            f"{figure(told['mean'])} is that of the labels ({figure(mean)}): these are {what}, and "
            f"objective={params.objective} starts from {link}"
        )
        yield name, message, (), {"dataset": dataset, **told, "mean_label": mean}
        return


def _mean_label(params: Params, facts: dict[str, Any]) -> float | None:
    label = facts.get("label") or {}
    counts = class_counts(label)
    if params.family == "binary" and counts is not None and len(counts) == 2 and counts.min() > 0:
        return float(counts[1] / counts.sum())
    mean = label.get("mean")
    return float(mean) if params.family in ("count", "positive", "tweedie") and mean and mean > 0 else None


def _link(params: Params) -> str:
    return "log odds" if params.family == "binary" else "logarithm"


def _given_start(params: Params, facts: dict[str, Any]) -> float | None:
    """Return the prediction that all rows start from, where the user set it; None where the library looks for it.

    Where each row has a start of its own, what their mean says.
    """
    if facts.get("starts_given"):
        told = facts.get("start") if facts.get("start") is not None else (facts.get("starts") or {}).get("mean")
        if told is None:
            return None
        return 1.0 / (1.0 + math.exp(-told)) if params.family == "binary" else math.exp(min(told, 50.0))
    if params.library == "lightgbm":
        averages = str(params.effective.get("boost_from_average", "True")).lower() in ("true", "1")
        return None if averages else 0.5 if params.family == "binary" else 1.0
    given = base_score(params) if params.was_given("base_score") else None
    return given if given is not None and given > 0.0 and (given < 1.0 or params.family != "binary") else None


def _end(params: Params, start: float, mean: float, rate: float, n_rounds: int) -> float:
    """Return the mean prediction after so many rounds of trees that only look for the mean."""
    binary, damping = params.family == "binary", params.damping
    cap = (params.numeric("max_delta_step") or 0.7) if params.library == "xgboost" else 0.0  # its default for counts
    score = math.log(start / (1.0 - start)) if binary else math.log(start)
    bend = 2.0 if params.family == "positive" else params.numeric("tweedie_variance_power") or 1.5
    for _ in range(min(n_rounds, _MOST_ROUNDS)):
        now = 1.0 / (1.0 + math.exp(-score)) if binary else math.exp(min(score, 50.0))
        if max(now, mean) < _NEAR * min(now, mean):
            break
        if binary:
            step = (mean - now) / max(now * (1.0 - now), 1e-12)
        elif params.family == "count":
            step = (mean - now) / now * damping
            step = min(max(step, -cap), cap) if cap else step
        else:
            step = (mean / now - 1.0) / ((bend - 1.0) * mean / now + 2.0 - bend)
        score += rate * step
    return 1.0 / (1.0 + math.exp(-score)) if binary else math.exp(min(score, 50.0))


def out_of_reach(scale: LabelScale, own: OwnGradient) -> str:
    """Return what is wrong if all rounds of an own objective's first steps do not reach the mean label; else ""."""
    if scale.start is None or scale.travel is None or not own.least_hessian > 0 or not own.largest > 0:
        return ""
    reach, distance = scale.travel * own.largest / own.least_hessian, abs(scale.start - scale.mean)
    if distance < 0.5 * scale.std or reach >= distance:
        return ""
    return (
        f"your own objective starts at {figure(scale.start)}, and the labels lie at {figure(scale.mean)} give or take "
        f"{figure(scale.std)}: with gradients of {figure(own.largest)} at most and hessians of "
        f"{figure(own.least_hessian)}, all rounds together move a prediction by {figure(reach)}. Start at their mean"
    )
