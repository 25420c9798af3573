"""How many validation labels lie below a predicted quantile, beside how many should."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from treedebug.core.params.parameter_names import number
from treedebug.core.run.run_data import Header, RunView
from treedebug.engine.resolve import Missing
from treedebug.signals.params.parameter_view import Params

MEDIAN = 0.5
_OF_ONE = ("quantile", "reg:quantileerror")


def asked_quantile(params: Params) -> float | None:
    """Return the quantile that the objective asks for, the median if it is none; None of several."""
    if params.objective == "reg:quantileerror":
        told = number(str(params.effective.get("quantile_alpha")).strip("[]()"))
        return float(told) if isinstance(told, int | float) else None
    return params.numeric("alpha") if params.objective == "quantile" else MEDIAN


@dataclass(frozen=True, eq=False)
class QuantileCoverage:
    """Of the last validation set, after the last round."""

    dataset: str
    alpha: float
    """The quantile asked for."""
    share: float
    """Of the validation rows looked at, those whose label is not above its prediction."""
    n_rows: int
    """Rows looked at."""

    @classmethod
    def measure(cls, view: RunView, header: Header, params: Params) -> Self:
        """Raise Missing before the end, for other objectives, and where no predictions were recorded."""
        alpha = asked_quantile(params)
        if not view.final or params.objective not in _OF_ONE or alpha is None:
            raise Missing("the objective asks for no single quantile, or the training has not ended")
        predicted: dict[str, Any] = header.extra.get("predicted") or {}
        told = [(name, seen) for name, seen in predicted.items() if seen.get("sample") and seen.get("labels")]
        if not told:
            raise Missing("no validation predictions were recorded")
        name, seen = told[-1]
        covered = np.asarray(seen["labels"]) <= np.asarray(seen["sample"])
        return cls(name, alpha, float(covered.mean()), len(covered))

    @property
    def chance(self) -> float:
        """One standard deviation of the share, by chance."""
        return math.sqrt(max(self.alpha * (1.0 - self.alpha), 1e-12) / max(self.n_rows, 1))
