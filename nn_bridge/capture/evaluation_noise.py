"""Whether an evaluation depends on chance, or a row of it on the other rows."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from nn_bridge.capture.untraced_forward import same_random_numbers, untraced_forward
from nn_bridge.model.modules import first_tensor
from nn_bridge.record.tensor_streams import OUTPUT, TensorKey
from nn_bridge.statistics.step_numbers import StepNumbers

_MOST_ROWS = 64
_FEWEST_ROWS = 2


def n_rows(inputs: Any, named: Any) -> int:
    """Return the rows of a batch, by its first tensor; 0 without one."""
    found = first_tensor((inputs, named), whole=True)
    return int(found.shape[0]) if found is not None and found.dim() else 0


class RepeatedEvaluation:
    """Evaluates some rows twice, once a training, where the loss's graph has dropout that no layer makes."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self.is_wanted = False
        self.is_running = False

    def measure(self, inputs: Any, named: Any) -> StepNumbers:
        """Return the noise of evaluation, if it can be measured."""
        self.is_wanted, self.is_running = False, True
        try:
            return _numbers(evaluation_noise=evaluation_noise(self._model, inputs, named))
        finally:
            self.is_running = False

    def compare(self, inputs: Any, named: Any) -> StepNumbers:
        """Return the noise of evaluation and, where there is none, the influence of rows on each other."""
        self.is_running = True
        try:
            noise = evaluation_noise(self._model, inputs, named)
            influence = row_influence(self._model, inputs, named) if noise == 0.0 else None
            return _numbers(evaluation_noise=noise, row_influence=influence)
        finally:
            self.is_running = False


def _numbers(**found: float | None) -> StepNumbers:
    numbers = StepNumbers()
    for statistic, value in found.items():
        if value is not None:
            numbers.add_single(TensorKey("", OUTPUT, statistic), value)
    return numbers


@torch.no_grad()
def evaluation_noise(model: nn.Module, inputs: Any, named: Any) -> float | None:
    """Evaluate some rows twice; return the largest difference over the spread of the outputs, None if unknown."""
    rows = _some_rows((inputs, named), n_rows(inputs, named), slice(0, _MOST_ROWS))
    with same_random_numbers(model):
        one = first_tensor(_forward(model, *rows))
        other = first_tensor(_forward(model, *rows))
    return None if one is None or other is None else _difference(one, other)


def _forward(model: nn.Module, inputs: Any, named: Any) -> Any:
    """Return the output on copies of the buffers; random numbers go on from call to call."""
    buffers = {name: b.detach().clone() for name, b in model.named_buffers()}
    return torch.func.functional_call(model, buffers, tuple(inputs), dict(named))


@torch.no_grad()
def row_influence(model: nn.Module, inputs: Any, named: Any) -> float | None:
    """Evaluate half of a batch alone and within it; return the largest difference over the spread, None if unknown."""
    n = n_rows(inputs, named)
    if n < 2 * _FEWEST_ROWS:
        return None
    n -= n % 2
    whole = first_tensor(untraced_forward(model, *_some_rows((inputs, named), n_rows(inputs, named), slice(0, n))))
    half = first_tensor(untraced_forward(model, *_some_rows((inputs, named), n_rows(inputs, named), slice(0, n // 2))))
    if whole is None or half is None or whole.dim() < 1 or whole.shape[0] != n or half.shape[0] != n // 2:
        return None
    return _difference(whole[: n // 2], half)


def _difference(one: torch.Tensor, other: torch.Tensor) -> float | None:
    one, other = one.float(), other.float()
    if one.shape != other.shape or not one.numel() or not bool(torch.isfinite(one).all()):
        return None
    spread = float(one.std(correction=0)) + 1e-6 * float(one.abs().mean())
    return float((one - other).abs().max()) / spread if spread > 0 else None


def _some_rows(value: Any, n: int, part: slice) -> Any:
    """Return the same arguments with some rows of every tensor that has a row for each of the batch."""
    if isinstance(value, torch.Tensor):
        return value[part] if value.dim() and value.shape[0] == n else value
    if isinstance(value, dict):
        return {key: _some_rows(one, n, part) for key, one in value.items()}
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(_some_rows(one, n, part) for one in value)
    return value
