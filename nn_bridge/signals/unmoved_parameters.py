"""Which parameters never move."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.network_facts import NetFacts, ParamFacts
from nn_bridge.record.tensor_streams import GRADIENT, UPDATE, WEIGHT, TensorLog
from nn_bridge.signals.weight_updates import NEEDS_STEPS
from treedebug.engine.resolve import Missing

_UNIFORM = math.sqrt(3.0)


@dataclass(frozen=True)
class Standing:
    """A weight matrix that did not move in any of the last `n_steps` sampled steps."""

    param: ParamFacts
    since_step: int
    n_steps: int
    ever_moved: bool
    has_gradient: bool
    """Its gradient was recorded and not zero in one of these steps."""
    looks_untrained: bool
    """Its values are spread evenly up to 1/sqrt(fan_in), as PyTorch's layers draw them."""


@dataclass(frozen=True)
class StandingStill:
    """All matrices that stand still at the end of what was sampled."""

    found: tuple[Standing, ...]
    n_matrices: int
    last_round: int
    was_stepped: bool
    """Any update was seen; before that, what stands still is no news, but that nothing can move it is."""

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """Raises Missing before the first sampled step, or where a GradScaler still skips all of them."""
        steps = log.steps
        matrices = list(facts.matrices())
        if not len(steps) or not matrices:
            raise Missing(NEEDS_STEPS)
        found = [s for p in matrices if (s := _standing(log, p, steps)) is not None]
        rounds = log.series("", "loss", "value").rounds
        was_stepped = any(len(log.series(p.name, UPDATE, "mean_abs").steps) for p in matrices)
        return cls(tuple(found), len(matrices), int(rounds[-1]) if len(rounds) else 0, was_stepped)


def _standing(log: TensorLog, param: ParamFacts, steps: np.ndarray) -> Standing | None:
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
    top = float(weights.values[-1]) if len(weights.values) else math.sqrt(param.var) * _UNIFORM
    even = abs(math.sqrt(max(param.var, 0.0)) * _UNIFORM / bound - 1.0) < 0.15 and top <= 1.05 * bound
    return Standing(param, since_step, n, ever, bool((pulled > 0).any()), even and param.fan_in > 0)
