"""All metrics of the deciding validation set side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.engine.resolve import Missing
from treedebug.signals.curves.described_header import Described
from treedebug.signals.curves.eval_curves import NEEDS_VALID, AllCurves, noise_of
from treedebug.signals.curves.metric_facts import constant_score, sampling_error

_WIDTH = 5


@dataclass(frozen=True, eq=False)
class Oriented:
    """One validation curve, lower is better. Arrays have shape (n,), all finite."""

    metric: str
    higher_is_better: bool
    rounds: NDArray[np.int64]
    values: NDArray[np.float64]
    start: float
    """Before learning: the constant prediction where known and worse than the first round."""
    error: float
    """Standard error of the best value, where the metric counts rows; else 0."""

    @cached_property
    def best(self) -> int:
        """Position of the best value."""
        return int(self.values.argmin())

    def shortfall(self, position: int) -> float:
        """Return how much worse than the best the curve is around a position, as a share of its gain.

        0 within its noise.
        """
        gained = self.start - float(self.values[self.best])
        near = self.values[max(position - _WIDTH // 2, 0) : position + _WIDTH // 2 + 1]
        behind = float(np.sort(near)[len(near) // 2]) - float(self.values[self.best])
        noise = noise_of(self.values) * math.sqrt(3.0 * (abs(position - self.best) + 1))
        return behind / gained if gained > 0 and behind > 2.0 * max(noise, self.error) else 0.0


@dataclass(frozen=True, eq=False)
class MetricAgreement:
    """The metrics of the last validation dataset whose direction is known; two or more."""

    dataset: str
    curves: tuple[Oriented, ...]

    @classmethod
    def measure(cls, every: AllCurves, known: Described) -> Self:
        """Raise Missing without a validation set, or with fewer than two such metrics."""
        if not every.validation:
            raise Missing(NEEDS_VALID)
        dataset = every.validation[-1].dataset
        curves = []
        for c in every.validation:
            if c.dataset != dataset or c.higher_is_better is None or not np.isfinite(c.values).all():
                continue
            sign = -1.0 if c.higher_is_better else 1.0
            constant = constant_score(known.header, dataset, c.metric)
            first = sign * float(c.values[0])
            start = first if constant is None else max(first, sign * constant)
            values = sign * c.values
            error = sampling_error(known.header, dataset, c.metric, sign * float(values.min()))
            curves.append(Oriented(c.metric, c.higher_is_better, c.rounds, values, start, error))
        if len(curves) < 2:  # a comparison takes two
            raise Missing("needs two metrics on the validation set whose direction is known")
        return cls(dataset, tuple(curves))
