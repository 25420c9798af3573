"""Which parameters never move."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.network_facts import NetFacts, ParamFacts
from nn_bridge.record.tensor_streams import GRADIENT, MODE, UPDATE, WEIGHT, Integers, TensorLog
from nn_bridge.signals.weight_updates import NEEDS_STEPS
from treedebug.engine.resolve import Missing

_UNIFORM = math.sqrt(3.0)
_EVEN, _EXACT, _FEW = 0.15, 1.0001, 3
"""How far the spread of evenly drawn weights may be off; their bound, which training oversteps; steps for a proof."""


@dataclass(frozen=True)
class UnmovedParameter:
    """A weight matrix that did not move in any of the last `n_steps` sampled steps."""

    param: ParamFacts
    since_step: int
    n_steps: int
    ever_moved: bool
    has_gradient: bool
    """Its gradient was recorded and not zero in one of these steps."""
    was_wiped: bool
    """A backward pass gave gradients in these steps, and the optimiser saw none."""
    looks_untrained: bool
    """Its values are spread evenly up to 1/sqrt(fan_in), as PyTorch's layers draw them."""


@dataclass(frozen=True)
class UnmovedParameters:
    """All matrices that stand still at the end of what was sampled."""

    found: tuple[UnmovedParameter, ...]
    n_matrices: int
    last_round: int
    was_stepped: bool
    """Any update was seen. Before the first one only matrices that nothing can move are worth a finding."""

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """Raise Missing before the first sampled step, or where a GradScaler still skips all of them."""
        steps = log.steps
        matrices = list(facts.matrices())
        if not len(steps) or not matrices:
            raise Missing(NEEDS_STEPS)
        wiped = _wiped_steps(log)
        found = [s for p in matrices if (s := _unmoved(log, p, steps, wiped)) is not None]
        rounds = log.series("", "loss", "value").rounds
        was_stepped = any(len(log.series(p.name, UPDATE, "mean_abs").steps) for p in matrices)
        return cls(tuple(found), len(matrices), int(rounds[-1]) if len(rounds) else 0, was_stepped)


def _unmoved(log: TensorLog, param: ParamFacts, steps: Integers, wiped: Integers) -> UnmovedParameter | None:
    updates = log.series(param.name, UPDATE, "mean_abs")
    gradients = log.series(param.name, GRADIENT, "mean_abs")
    weights = log.series(param.name, WEIGHT, "max")
    moved = updates.values != 0  # NaN has moved
    ever = bool(moved.any())
    at = int(np.flatnonzero(moved)[-1]) + 1 if ever else 0
    n = len(updates.steps) - at if len(updates.steps) else len(steps)
    if n <= 0:
        return None
    since_step = int(updates.steps[at]) if len(updates.steps) else int(steps[0])
    pulled = gradients.values[gradients.steps >= since_step]
    bound = 1.0 / math.sqrt(max(param.fan_in, 1))
    top = float(weights.values[-1]) if len(weights.values) else bound
    even = abs(math.sqrt(max(param.var, 0.0)) * _UNIFORM / bound - 1.0) < _EVEN and top <= _EXACT * bound
    is_stale = not param.requires_grad and len(pulled) > 1 and float(np.ptp(pulled)) == 0.0  # of an earlier training
    has_gradient = bool((pulled > 0).any()) and not is_stale
    was_wiped = not has_gradient and int((wiped >= since_step).sum()) >= _FEW
    return UnmovedParameter(param, since_step, n, ever, has_gradient, was_wiped, even and param.fan_in > 0)


def _wiped_steps(log: TensorLog) -> Integers:
    """Return the steps in which a backward pass gave gradients, and no parameter had any when the optimiser stepped."""
    arrived, seen = log.series("", MODE, "gradient_arrived"), log.table(GRADIENT, "mean_abs")
    has_any = seen.steps[(np.nan_to_num(seen.values, nan=1.0) > 0).any(axis=1)] if len(seen.steps) else seen.steps
    return np.setdiff1d(arrived.steps[arrived.values > 0], has_any)
