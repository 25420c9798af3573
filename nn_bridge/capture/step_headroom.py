"""Step headroom: how many times longer a step could be before the loss of its batch rises above what it was.

Critical sharpness without a Hessian (Kalra et al., 2026): after a step u = w_after - w_before, the largest c with
loss(w_before + c u) <= loss(w_before), on the same batch and with the same random numbers. A few forward passes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from nn_bridge.capture.untraced_forward import same_random_numbers, same_state
from nn_bridge.record.tensor_streams import OPTIMIZER, TensorKey
from nn_bridge.statistics.step_numbers import StepNumbers

MOST = 1024.0
"""Longer steps are not tried."""
_LEAST = 1.0 / 64.0
_BISECTIONS = 3
_MOST_STEPS = 20
"""Steps that are measured: headroom is judged early only."""
_EACH, EARLY, _APART = 6, 20, 25
"""The first steps are all measured, then every second early one; later ones lie this far apart, bursts or not."""


class StepHeadroom:
    """Measures the headroom of single steps of one optimiser; weights, buffers and random state stay the same bits."""

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer, bisections: int = _BISECTIONS) -> None:
        self._model, self._optimizer, self._bisections = model, optimizer, bisections
        self.loss: Callable[[], Any] | None = None
        """Returns the loss of the present batch once more; without it nothing is measured."""
        self._before: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._n_left = _MOST_STEPS
        self._latest = -_APART
        self.is_running = False
        """The forward passes of the net are ours, and no part of the training."""

    def before(self, step: int) -> None:
        """Keep the weights as they are before a sampled step, if it is to be measured."""
        since = step - self._latest
        if self._n_left <= 0 or self.loss is None or since < (1 if step < _EACH else 2 if step < EARLY else _APART):
            return
        self._latest = step
        params = [p for group in self._optimizer.param_groups for p in group["params"] if p.grad is not None]
        self._before = [(p, p.detach().clone()) for p in params]

    def after(self, numbers: StepNumbers) -> None:
        """Add the headroom of the step that was made, where it was kept and can be measured."""
        if self._before:
            self._n_left -= 1
            self.is_running = True
            try:
                found = self.measure()
            finally:
                self.is_running = False
            if found is not None:
                numbers.add_single(TensorKey("", OPTIMIZER, "headroom"), found)

    @torch.no_grad()
    def measure(self) -> float | None:
        """Return the headroom of the step that was made; None where nothing moved or the loss is not finite."""
        kept, self._before = self._before, []
        moved = [(p, old, p.detach().clone()) for p, old in kept]
        if not any(bool((old != new).any()) for _, old, new in moved):
            return None
        try:
            with same_state(self._model):
                return self._search(moved)
        finally:
            for param, _, new in moved:
                param.copy_(new)

    def _search(self, moved: Sequence[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]) -> float | None:
        at_start = self._at(moved, 0.0)
        if not math.isfinite(at_start):
            return None

        def fits(c: float) -> bool:  # NaN does not fit
            return self._at(moved, c) <= at_start

        low, high = (1.0, 2.0) if fits(1.0) else (0.5, 1.0)
        while low >= 1.0 and high <= MOST and fits(high):
            low, high = high, 2.0 * high
        if low >= MOST:
            return MOST
        while low < 1.0 and low > _LEAST and not fits(low):
            low, high = low / 2.0, low
        for _ in range(self._bisections):
            middle = math.sqrt(low * high)
            low, high = (middle, high) if fits(middle) else (low, middle)
        return math.sqrt(low * high)

    def _at(self, moved: Sequence[tuple[torch.Tensor, torch.Tensor, torch.Tensor]], c: float) -> float:
        for param, old, new in moved:
            param.copy_(old if c == 0.0 else new if c == 1.0 else old + c * (new - old))
        with same_random_numbers(self._model):
            return float("nan") if self.loss is None else float(self.loss())
