"""How far the optimiser moves each weight matrix in a step, beside its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.facts import NetFacts
from nn_bridge.streams import UPDATE, WEIGHT, Floats, Integers, TensorLog
from treedebug.engine.resolve import Missing

NEEDS_STEPS = "needs a recorded step of the optimiser: train inside `with TorchRecorder(model, optimizer, ...)`"


@dataclass(frozen=True, eq=False)
class UpdateRatios:
    """mean(abs(update)) / mean(abs(weight)) of each weight matrix. `ratios` (n_steps, n_layers), at least one of each.

    NaN where a matrix was not sampled or is all zero. A usual training has 1e-4 to 1e-2.
    """

    layers: tuple[str, ...]
    steps: Integers
    rounds: Integers
    ratios: Floats

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """Raises Missing without sampled updates."""
        known = set(log.layers(UPDATE))
        names = [p.name for p in facts.matrices() if p.name in known]
        update = log.table(UPDATE, "mean_abs", names)
        weight = log.table(WEIGHT, "mean_abs", names)
        steps, left, right = np.intersect1d(update.steps, weight.steps, return_indices=True)
        if not names or not len(steps):
            raise Missing(NEEDS_STEPS)
        size = weight.values[right]
        with np.errstate(all="ignore"):
            ratios = np.where(size > 0, update.values[left] / size, np.nan)
        return cls(tuple(names), steps, update.rounds[left], ratios)

    @property
    def largest(self) -> Floats:
        """(n_steps,) ratio of the matrix that moves most; NaN where none is known."""
        return _reduced(self.ratios, np.fmax)

    @property
    def smallest(self) -> Floats:
        """(n_steps,) ratio of the matrix that moves least but moves; NaN where none does."""
        return _reduced(np.where(self.ratios > 0, self.ratios, np.nan), np.fmin)


def _reduced(values: Floats, how: np.ufunc) -> Floats:
    return np.asarray(how.reduce(values, axis=1, initial=np.nan), dtype=np.float64)
