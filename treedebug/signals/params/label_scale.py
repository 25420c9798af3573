"""The scale of the training labels: where they lie, how far they spread, and how far predictions can move."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.params.parameter_view import Params

IDENTITY = ("squared", "absolute", "pseudohuber")
"""Families of objectives whose prediction is the sum of the leaves itself."""


@dataclass(frozen=True, eq=False)
class LabelScale:
    """Training labels that are numbers, and the model that starts from them."""

    mean: float
    std: float
    values: NDArray[np.float64]
    """(n,) the labels' quantiles, evenly spaced; mean less and plus a deviation where those were not recorded."""
    start: float | None
    """What every row is predicted before the first round, as the user or the library sets it; None if unknown."""
    start_given: bool
    """The user set it: `base_score`, or a start of each row's own (base_margin, init_score)."""
    travel: float | None
    """Learning rate times rounds, those planned."""

    @classmethod
    def measure(cls, header: Header, params: Params) -> Self:
        """Raise Missing where the training labels are no numbers that differ."""
        facts = header.training_facts()
        label = facts.get("label") or {}
        mean, std = label.get("mean"), label.get("std")
        if mean is None or std is None or not std > 0:
            raise Missing("the training labels are not recorded as numbers that differ")
        rate, planned = params.numeric("learning_rate"), header.planned_rounds
        travel = None if rate is None or planned is None else rate * (planned - header.start_round)
        given = params.was_given("base_score") or bool(facts.get("starts_given"))
        start = None if facts.get("starts_given") or header.start_round else _start(params)
        start = start if header.start_round or params.family not in ("", *IDENTITY) else facts.get("start", start)
        return cls(float(mean), float(std), label_values(label), start, given, travel)

    def from_start(self) -> float | None:
        """Distance of the start from the mean label, in standard deviations of the labels."""
        return None if self.start is None else abs(self.start - self.mean) / self.std

    def left(self) -> float:
        """Share of that distance that stands after all rounds: each takes away a share of the learning rate."""
        return 1.0 if self.travel is None else math.exp(-self.travel)


def label_values(label: dict[str, Any]) -> NDArray[np.float64]:
    """Values that stand for all labels of a summary of numbers."""
    told = label.get("quantiles")
    if told:
        return np.asarray(told, dtype=np.float64)
    mean, std = float(label.get("mean") or 0.0), float(label.get("std") or 0.0)
    return np.array([mean - std, mean + std])


def base_score(params: Params) -> float | None:
    """XGBoost's base_score, given or estimated by the library; None if not known, or one for each class."""
    told = str(params.effective.get("base_score", "")).strip("[]")
    try:
        return float(told)
    except ValueError:
        return None


def _start(params: Params) -> float | None:
    own = params.objective == "custom"
    if params.library == "lightgbm":
        averages = not own and str(params.effective.get("boost_from_average", "True")).lower() in ("true", "1")
        return None if averages or not (own or params.family in IDENTITY) else 0.0
    if own:
        told = base_score(params)
        return 0.5 if told is None else told
    return base_score(params) if params.family in IDENTITY else None
