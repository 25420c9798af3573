"""Gradients layer by layer, as the optimiser saw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import GRADIENT, MODE, Floats, Integers, TensorLog
from nn_bridge.signals.weight_updates import NEEDS_STEPS
from treedebug.engine.resolve import Missing

_SAME, _TOLERANCE = 5, 1e-2
"""Steps with the same norm, and how far they may differ, as a share of it."""


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """Gradients of the weight matrices that are trained, in the order of the net; at least one step and layer."""

    layers: tuple[str, ...]
    steps: Integers
    rounds: Integers
    norms: Floats
    """(n_steps, n_layers) Euclidean norm; NaN where a matrix had no gradient."""
    mean_abs: Floats
    """(n_steps, n_layers) mean of the absolute values."""
    total: Floats
    """(n_steps,) norm of the gradient of all parameters, biases included."""

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """Raise Missing without sampled gradients."""
        known = log.layers(GRADIENT)
        names = [p.name for p in facts.matrices() if p.name in set(known)] or known
        norms = log.table(GRADIENT, "norm", names)
        if not names or not len(norms.steps):
            raise Missing(NEEDS_STEPS)
        sizes = log.table(GRADIENT, "mean_abs", names)
        whole = log.table(GRADIENT, "norm", known)
        total = np.sqrt(np.square(np.where(np.isnan(whole.values), 0.0, whole.values)).sum(axis=1))
        broken = np.isnan(whole.values).all(axis=1)
        at = np.searchsorted(whole.steps, norms.steps)
        total = np.where(broken, np.nan, total)[at]
        return cls(tuple(names), norms.steps, norms.rounds, norms.values, _like(sizes.values, norms.values), total)

    @property
    def is_clipped(self) -> bool:
        """The norm of the whole gradient is the same in every step: each one is clipped to it."""
        known = self.total[np.isfinite(self.total) & (self.total > 0)]
        return len(known) >= _SAME and float(np.ptp(known)) <= _TOLERANCE * float(known.mean())


@dataclass(frozen=True, eq=False)
class UnzeroedGradients:
    """Whether the gradients of a step were added to those of the step before. `added` (n,) 1 or 0, n >= 1."""

    steps: Integers
    rounds: Integers
    added: Floats

    @classmethod
    def measure(cls, log: TensorLog) -> Self:
        """Raise Missing if it was not recorded."""
        series = log.series("", MODE, "carried")
        known = np.isfinite(series.values)
        if not known.any():
            raise Missing("it was not recorded whether gradients are set to zero between steps")
        return cls(series.steps[known], series.rounds[known], series.values[known])


def _like(values: Floats, other: Floats) -> Floats:
    return values if values.shape == other.shape else np.full_like(other, np.nan)
