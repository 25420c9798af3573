"""How hard weight decay pulls, beside the loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import GRADIENT, UPDATE, WEIGHT, Floats, Integers, TensorLog
from treedebug.engine.resolve import Missing

_DECOUPLED = ("AdamW", "SGDW", "Lion", "Muon")


@dataclass(frozen=True, eq=False)
class DecayPull:
    """Pull of the decay over that of the loss. `pulls` (n_steps, n_layers), NaN where unknown."""

    decay: float
    steps: Integers
    rounds: Integers
    pulls: Floats
    shrunk: float
    """Norm of the median matrix in the last sampled step over that in the first."""

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """Raise Missing without weight decay, or without sampled gradients."""
        group = next((g for o in facts.optimizers for g in o.groups if _number(g, "weight_decay") > 0), None)
        if group is None:
            raise Missing("the optimizer has no weight decay")
        decay, is_decoupled = _number(group, "weight_decay"), facts.optimizers[0].type in _DECOUPLED
        names = [p.name for p in facts.matrices() if p.in_optimizer]
        force = log.table(UPDATE if is_decoupled else GRADIENT, "mean_abs" if is_decoupled else "norm", names)
        weight = log.table(WEIGHT, "mean_abs" if is_decoupled else "norm", names)
        steps, left, right = np.intersect1d(force.steps, weight.steps, return_indices=True)
        if not names or not len(steps):
            raise Missing("no gradient of a weight matrix was sampled")
        scale = decay * (_number(group, "lr") if is_decoupled else 1.0)
        with np.errstate(all="ignore"):
            pulls = scale * weight.values[right] / force.values[left]
            left_over = weight.values[-1] / weight.values[0]
        known = left_over[np.isfinite(left_over)]
        shrunk = float(np.median(known)) if len(known) else 1.0
        return cls(decay, steps, force.rounds[left], np.where(np.isfinite(pulls), pulls, np.nan), shrunk)

    @property
    def typical(self) -> float:
        """Pull on the median matrix in the median step; 0 where unknown."""
        known = self.pulls[np.isfinite(self.pulls).all(axis=1)]
        return float(np.median(np.median(known, axis=1))) if len(known) else 0.0


def _number(group: object, name: str) -> float:
    value = group.get(name) if isinstance(group, dict) else None
    return float(value) if isinstance(value, int | float) else 0.0
