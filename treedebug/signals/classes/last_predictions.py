"""What the predictions of amounts are like at the end, beside the labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

from treedebug.core.run.run_data import Header, RunView
from treedebug.engine.resolve import Missing
from treedebug.signals.params.parameter_view import Params

_TIMES = ("survival:cox", "survival:aft")
"""Labels are times, and predictions are hazards, or times beside labels that are bounds."""


@dataclass(frozen=True, eq=False)
class LastPredictions:
    """Predictions of the last validation set after the last round."""

    dataset: str
    n_rows: int
    mean: float
    minimum: float
    maximum: float
    below_zero: float
    """Share of them under 0."""
    mean_error: float
    """Prediction less label, in the mean."""
    std_error: float
    label_minimum: float
    """Of training and validation labels, as the next one."""
    label_maximum: float
    label_mean: float
    """Of the validation labels."""
    label_std: float
    """Of the training labels."""
    shift: float
    """How far the mean labels of both datasets lie apart, in deviations of the training labels."""

    @classmethod
    def measure(cls, view: RunView, header: Header, params: Params) -> Self:
        """Raise Missing before the end, for classes, and where they were not recorded."""
        if not view.final:
            raise Missing("the predictions are recorded at the end of the training")
        trained = header.training_label() or {}
        predicted: dict[str, Any] = header.extra.get("predicted") or {}
        told = [(n, header.data[n]) for n, p in predicted.items() if "mean_error" in p and n in header.data]
        numbers = "minimum" in trained and (trained.get("std") or 0.0) > 0
        if not told or not numbers or "minimum" not in (told[-1][1].get("label") or {}) or header.n_classes:
            raise Missing("no validation predictions of amounts were recorded")
        if params.objective == "custom" or params.family in ("binary", "multi", "rank") or params.objective in _TIMES:
            raise Missing("the objective's predictions are not known to be amounts")
        name, facts = told[-1]
        label, seen = facts["label"], predicted[name]
        return cls(
            name, int(facts.get("n_rows") or 0), seen["mean"], seen["minimum"],
            float(seen.get("maximum", seen["mean"])), seen["below_zero"],
            seen["mean_error"], seen["std_error"], min(_number(trained, "minimum"), _number(label, "minimum")),
            max(_number(trained, "maximum"), _number(label, "maximum")),
            _number(label, "mean"), _number(trained, "std"),
            abs(_number(label, "mean") - _number(trained, "mean")) / _number(trained, "std"),
        )  # fmt: skip

    @property
    def sigmas(self) -> float:
        """The mean error in standard deviations of chance."""
        return abs(self.mean_error) / max(self.std_error / math.sqrt(max(self.n_rows, 1)), 1e-300)


def _number(facts: dict[str, Any], name: str) -> float:
    return float(facts[name])
