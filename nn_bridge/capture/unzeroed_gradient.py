"""Whether the gradient of the step before was dropped: a missing `zero_grad()` adds all gradients up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import unserializable_hook

from nn_bridge.record.tensor_streams import MODE, TensorKey
from nn_bridge.statistics.step_numbers import StepNumbers

UNZEROED = TensorKey("", MODE, "carried")
"""1 where a gradient other than zero was still there at the first backward pass of the step, else 0."""
ARRIVED = TensorKey("", MODE, "gradient_arrived")
"""1 where a backward pass of the step gave a gradient other than zero, else 0."""


class UnzeroedGradient:
    """Looks at one trained parameter's old gradient when its new one comes."""

    def __init__(self, optimizer: torch.optim.Optimizer, guard: Callable[..., None]) -> None:
        self._optimizer = optimizer
        self._guard = guard
        self._param: nn.Parameter | None = None
        self._handle: Any = None
        self._numbers: StepNumbers | None = None
        """Where the answer goes; None once it is given."""

    def add_hooks(self, numbers: StepNumbers) -> None:
        """Watch the step that begins."""
        self._numbers = numbers
        if self._handle is None:
            self._param = self._last_parameter()
            if self._param is not None:
                self._handle = self._param.register_hook(self._on_gradient)  # type: ignore[no-untyped-call]

    def remove_hooks(self) -> None:
        """Take the hook away."""
        self._numbers = None
        if self._handle is not None:
            self._handle.remove()
            self._handle = None

    def _last_parameter(self) -> nn.Parameter | None:
        """Return the last trained parameter: its gradient is the first that a backward pass makes."""
        lazy = nn.parameter.UninitializedParameter
        trained = [p for g in self._optimizer.param_groups for p in g["params"] if p.requires_grad]
        return next((p for p in reversed(trained) if p.is_leaf and not isinstance(p, lazy)), None)

    @unserializable_hook  # type: ignore[untyped-decorator]
    def _on_gradient(self, gradient: torch.Tensor) -> None:
        """Look once a step. A copy of the parameter in another process loses this hook, without a warning."""
        if self._numbers is not None:
            numbers, self._numbers = self._numbers, None
            self._guard("tensors", self._look, numbers, gradient)

    def _look(self, numbers: StepNumbers, gradient: torch.Tensor) -> None:
        old = None if self._param is None else self._param.grad
        numbers.add_single(UNZEROED, 0.0 if old is None or old.is_sparse else (old.detach() != 0).any())
        numbers.add_single(ARRIVED, 1.0 if gradient.is_sparse else (gradient.detach() != 0).any())
