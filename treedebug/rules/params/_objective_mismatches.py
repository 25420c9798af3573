"""Objectives, labels and metrics that do not go together: the known cases."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from treedebug.core.findings import Severity
from treedebug.core.phrases import figure, listed, percent
from treedebug.core.run.run_data import Header
from treedebug.signals.classes.quantile_coverage import MEDIAN, asked_quantile
from treedebug.signals.curves.metric_facts import base_name, class_counts
from treedebug.signals.params.label_scale import label_values
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.params.watched_sets import WatchedSets

Misfit = tuple[str, str, Severity, str]
"""Kind, message, severity, and the objective that would fit ("" if it is not the objective's fault)."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The thresholds of HP505, as they are documented there."""

    max_classes: int
    min_tail: float
    min_digits: float
    min_rows: int
    starved: float
    few_per_class: float
    min_likeness: float


_REGRESSION = ("squared", "absolute", "pseudohuber", "log")
_FLOAT32_DIGITS = 7.2
_STEEP = 12.0
"""Highest grade of a ranking from which on gains of 2^grade hide all others: it gains as much as 4,095 of grade 1."""
_QUANTILES = ("quantile", "regression_l1", "reg:absoluteerror", "reg:quantileerror")
_SIXTY_FOURTHS = 32
"""Recorded quantiles from which on they tell how many labels are alike."""
_ROOM = 0.1
"""Of the labels, that must be of that value on either side of the quantile."""
_RATES = ("logloss", "binary_logloss", "mlogloss", "multi_logloss", "error", "merror", "binary_error", "multi_error")


def of_labels(params: Params, header: Header, limits: Limits) -> Iterator[Misfit]:
    """Labels that the objective does not fit."""
    label = header.training_label() or {}
    counts = class_counts(label)
    yield from _missing_labels(header)
    yield from _power(params)
    yield from _grades(params, label, counts)
    yield from _flags(params, label)
    yield from _atom(params, label)
    if counts is not None and len(counts):
        yield from _of_classes(params, header, counts, limits)
    elif label.get("kind") == "numbers":
        yield from _of_numbers(params, label, limits)


def _missing_labels(header: Header) -> Iterator[Misfit]:
    """Datasets without a label that is a number: LightGBM takes a missing label for a 0 and goes on."""
    for name, facts in header.data.items():
        label = facts.get("label") or {}
        n = label.get("n_missing") or 0
        if label.get("kind") == "numbers" and n:
            how = "all labels" if "mean" not in label else f"{n} labels"
            yield "missing label", f"{how} of {name} are missing: its metric means nothing", Severity.ERROR, ""


def _power(params: Params) -> Iterator[Misfit]:
    """Tweedie between a Poisson (1) and a gamma (2) distribution, not at their ends."""
    power = params.numeric("tweedie_variance_power")
    if params.family != "tweedie" or power is None or 1.0 < power < 2.0:
        return
    better = ("poisson" if params.library == "lightgbm" else "count:poisson") if power <= 1.0 else ""
    message = f"tweedie_variance_power={figure(power)} must lie between 1 and 2: at the ends the loss is infinite"
    yield "variance power", message, Severity.ERROR, better


def _flags(params: Params, label: dict[str, Any]) -> Iterator[Misfit]:
    """Whether it happened, in place of when."""
    low, high, mean, std = (float(label.get(k, math.nan)) for k in ("minimum", "maximum", "mean", "std"))
    if params.objective == "survival:cox" and low == 0.0 and high == 1.0 and abs(std**2 - mean * (1.0 - mean)) < 1e-6:
        message = (
            "the labels are 0 and 1, and survival:cox takes times: how long each row was watched, below 0 where it was "
            "censored (nothing had happened until then)"
        )
        yield "flags", message, Severity.ERROR, ""


def _atom(params: Params, label: dict[str, Any]) -> Iterator[Misfit]:
    """So many labels of one value that the quantile asked for is that value, whatever the features say."""
    values, alpha = label_values(label), asked_quantile(params)
    if params.objective not in _QUANTILES or len(values) < _SIXTY_FOURTHS or alpha is None:
        return
    at = float(np.quantile(values, alpha))
    below, upto = float((values < at).mean()), float((values <= at).mean())
    if upto - below < 0.5 or upto - alpha < _ROOM or (below > 0.0 and alpha - below < _ROOM):
        return
    asked = f"the quantile {figure(alpha)}" if alpha != MEDIAN else "the median"
    lightgbm, positive = params.library == "lightgbm", float(values.min()) >= 0.0
    better = "tweedie" if positive else "regression" if lightgbm else "squarederror"
    message = (
        f"{percent(upto - below)} of the labels are {figure(at)}, and objective={params.objective} asks for {asked}: "
        f"for most rows that is {figure(at)}, whatever the features say; for amounts fit the mean"
    )
    yield "atom", message, Severity.WARNING, better if lightgbm else f"reg:{better}"


def _grades(params: Params, label: dict[str, Any], counts: Any) -> Iterator[Misfit]:
    """Grades of a ranking that gain 2^grade - 1: refused above a bound, and lost on all but the highest before it."""
    lightgbm = params.library == "lightgbm"
    exponential = params.objective in ("lambdarank", "rank_xendcg") and not params.was_given("label_gain")
    if not lightgbm:
        off = str(params.given.get("ndcg_exp_gain", "")).lower() in ("0", "false")
        exponential = params.objective == "rank:ndcg" and not off
    highest = float(label.get("maximum") or 0.0) if counts is None else float(np.flatnonzero(counts > 0).max(initial=0))
    most = 30.0 if lightgbm else 31.0
    if not exponential or highest < _STEEP:
        return
    how = "label_gain=[0, 1, 2, ...]" if lightgbm else "ndcg_exp_gain=False"
    message = f"the grades go up to {figure(highest)}, and by default a grade gains 2^grade - 1: "
    if highest > most:
        yield "grades", f"{message}{params.objective} refuses more than {figure(most)}; set {how}", Severity.ERROR, ""
        return
    message += f"the highest gains {figure(2.0**highest - 1)}, and all but the top of a query counts for nothing"
    yield "grades", f"{message}; {how} takes the grades as they are", Severity.WARNING, ""


def _of_classes(params: Params, header: Header, counts: Any, limits: Limits) -> Iterator[Misfit]:
    present = np.flatnonzero(counts > 0)
    if len(present) == 1:
        yield (
            "one class",
            f"all training labels are class {int(present[0])}: there is nothing to learn",
            Severity.ERROR,
            "",
        )
        return
    yield from _amounts(params, counts, limits)
    others = int(counts.sum() - counts.max())
    if others < limits.min_rows and others < 0.1 * counts.sum():  # a small table may have as few
        message = f"only {others} of {int(counts.sum())} training rows are not of class {int(counts.argmax())}"
        yield "one class", f"{message}: there is next to nothing to learn", Severity.WARNING, ""
    yield from _missing(params, header, counts, limits)


def _amounts(params: Params, counts: Any, limits: Limits) -> Iterator[Misfit]:
    """So many classes of so few rows, the middle ones the largest, as the whole numbers of an amount are."""
    n = len(counts)
    if params.family != "multi" or n <= limits.max_classes or float(np.median(counts)) >= limits.few_per_class:
        return
    near = float(np.corrcoef(counts[:-1], counts[1:])[0, 1]) if counts.std() > 0 else 0.0
    if near >= limits.min_likeness:
        better = "regression" if params.library == "lightgbm" else "reg:squarederror"
        message = (
            f"{n} classes have {figure(float(np.median(counts)))} rows each, and neighbours are alike: the labels "
        )
        message += f"look like an amount, whose order objective={params.objective} does not see"
        yield "amount", message, Severity.WARNING, better


def _missing(params: Params, header: Header, counts: Any, limits: Limits) -> Iterator[Misfit]:
    """Classes that training lacks, or has far less of than validation."""
    elsewhere = [class_counts(d.get("label")) for d in header.data.values() if not d.get("is_training")]
    for other in elsewhere:
        if other is None or len(other) != len(counts) or not other.sum() > 0:
            continue
        share, theirs = counts / counts.sum(), other / other.sum()
        starved = np.flatnonzero((counts > 0) & (other >= limits.min_rows) & (share < limits.starved * theirs))
        if len(starved):
            c = int(starved[0])
            message = (
                f"class {listed([str(int(i)) for i in starved])}: {percent(float(share[c]))} of the training rows "
                f"({int(counts[c])}), but {percent(float(theirs[c]))} of the validation rows"
            )
            yield "starved class", message, Severity.WARNING, ""
            break
    absent = [int(c) for c in np.flatnonzero(counts <= 0)]
    if not absent or params.family != "multi":
        return
    wanted = [c for c in absent if any(o is not None and c < len(o) and o[c] > 0 for o in elsewhere)]
    names = listed([str(c) for c in wanted or absent])
    where = "though the validation data has it" if wanted else f"though num_class is {len(counts)}"
    yield "absent class", f"no training row has class {names}, {where}", Severity.WARNING, ""


def _of_numbers(params: Params, label: dict[str, Any], limits: Limits) -> Iterator[Misfit]:
    family, lightgbm = params.family, params.library == "lightgbm"
    low, high, mean, std = (float(label.get(k, math.nan)) for k in ("minimum", "maximum", "mean", "std"))
    if not math.isfinite(low + high + mean + std):
        return
    distinct = label.get("n_distinct")
    if low == high:
        yield "constant label", f"all training labels are {figure(low)}: there is nothing to learn", Severity.ERROR, ""
        return
    binary = low == 0.0 and high == 1.0 and abs(std**2 - mean * (1.0 - mean)) < 1e-6
    classes = low == 0.0 and distinct is not None and distinct == high + 1 and distinct <= limits.max_classes
    if family in _REGRESSION and binary:
        better = "binary" if lightgbm else "binary:logistic"
        yield (
            "binary label",
            f"the labels are 0 and 1, and objective={params.objective} fits a number",
            Severity.WARNING,
            better,
        )
    elif family in _REGRESSION and classes:
        better = "multiclass" if lightgbm else "multi:softprob"
        message = f"the labels are the whole numbers 0 to {int(high)}, and objective={params.objective} fits an amount"
        # Counts have a tail, classes have none; rare counts are what a few whole numbers are else.
        severity = Severity.WARNING if high - mean < limits.min_tail * std else Severity.INFO
        yield "whole labels", message, severity, better
    elif family == "binary" and (low < 0 or high > 1):
        better = "multiclass" if lightgbm else "multi:softprob"
        taken = "takes every label over 0 for positive" if lightgbm else "refuses labels outside 0 to 1"
        message = f"the labels go from {figure(low)} to {figure(high)}, and {params.objective} {taken}"
        yield "not binary", message, Severity.ERROR, better
    elif family == "multi" and (params.numeric("num_class") or 0) > 1 and not 0 <= low <= high < _classes(params):
        message = f"the labels go from {figure(low)} to {figure(high)}, and {params.objective} with num_class="
        message += f"{_classes(params):.0f} takes 0 to {_classes(params) - 1:.0f}: number the classes from 0"
        yield "class numbers", message, Severity.ERROR, ""
    elif family in ("count", "tweedie", "positive") and (low < 0 or (low <= 0 and family == "positive")):
        zeros = family == "positive" and low == 0.0
        wanted = "needs them above 0" if family == "positive" else "takes zeros, but no negative ones"
        message = f"the labels go down to {figure(low)}, and {params.objective} {wanted}"
        fit = ("tweedie" if lightgbm else "reg:tweedie") if zeros else "regression" if lightgbm else "reg:squarederror"
        yield "negative label", message, Severity.ERROR, fit
    if family in _REGRESSION and not binary:
        yield from _zeros_apart(label, limits)
    largest = max(abs(low), abs(high))
    if std > 0 and math.log10(std / largest) + _FLOAT32_DIGITS < limits.min_digits:
        message = f"the labels lie around {figure(mean)} and differ by {figure(std)}: float32 cannot tell them apart"
        yield "precision", f"{message} (train on the difference from the mean)", Severity.ERROR, ""


def _classes(params: Params) -> float:
    return params.numeric("num_class") or 0.0


def _zeros_apart(label: dict[str, Any], limits: Limits) -> Iterator[Misfit]:
    """Labels of exactly 0 far below all others: missing ones, which LightGBM takes for 0."""
    values = label_values(label)
    others = values[values != 0.0]
    share = 1.0 - len(others) / max(len(values), 1)
    if not 0.0 < share <= 0.5 or label.get("minimum") != 0.0 or others.min() <= 0.0:
        return
    middle, spread = float(np.median(others)), float(others.std())
    if others.min() < 0.25 * middle or middle < limits.min_tail * spread:
        return
    message = (
        f"{percent(share)} of the training labels are exactly 0, and the others lie around {figure(middle)} give or "
        f"take {figure(spread)}: missing labels, it seems, which were taken for 0; drop these rows"
    )
    yield "zeros apart", message, Severity.WARNING, ""


def of_metric(params: Params, guard: WatchedSets) -> Iterator[Misfit]:
    """A metric of probabilities or classes on predictions that are neither."""
    if params.family not in (*_REGRESSION, "count", "positive", "tweedie"):
        return
    wrong = [m for m in guard.metrics if base_name(m) in _RATES]
    if wrong:
        message = f"{listed(wrong)} judges classes, and objective={params.objective} predicts amounts"
        yield "metric", message, Severity.WARNING, ""
