"""KernelProbe: how the tangent kernel of a net moves while it trains, looked at in a few steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from nn_bridge.capture.output_numbers import on_cpu
from nn_bridge.capture.untraced_forward import in_eval_mode, same_random_numbers, same_state
from nn_bridge.kernels.kernel_numbers import Floats, alignment, distance, effective_rank, r2, ridge_score
from nn_bridge.kernels.linearised_net import expanded, relative_change, trained_weights
from nn_bridge.kernels.tangent_kernel import kernel_and_omitted
from nn_bridge.record.tensor_streams import KERNEL, TensorKey

_NAN = float("nan")


class KernelProbe:
    """Measures the kernel of `model` on the rows X, which no step trains on; y are their labels where known."""

    def __init__(self, model: nn.Module, X: torch.Tensor, y: Any = None) -> None:
        self._model, self._X = model, X
        self._targets: Floats | None = None
        self._classes = False
        if y is not None:
            self._targets, self._classes = _targets(y)
        self._first: Floats | None = None
        self._start: dict[str, torch.Tensor] = {}
        self._outputs: Floats = np.empty(0)
        self._latest: tuple[int, Floats] | None = None
        self.omitted: Mapping[str, str] = {}
        """Layers that the kernel leaves out, with the reason."""

    def is_due(self, step: int) -> bool:
        """Return whether to look before a step: the first, and the 10th, 100th, 1,000th, ... after it."""
        return self._first is None or (step >= 10 and str(step).rstrip("0") == "1")

    def measure(self, step: int) -> dict[TensorKey, float]:
        """Return the numbers of the weights as they are before a step; none where at most one was made since the last.

        Weights, gradients, buffers, modes and random numbers stay as they are.
        """
        if self._latest is not None and step - self._latest[0] <= 1:
            return {}
        kernel, self.omitted = kernel_and_omitted(self._model, self._X)
        if not np.isfinite(kernel).all():
            return {}
        if self._first is None:
            self._first, self._start, self._outputs = kernel, trained_weights(self._model), self._now()
        before, self._latest = self._latest, (step, kernel)
        found = {
            "distance": distance(self._first, kernel),
            "velocity": _NAN if before is None else distance(before[1], kernel) / (step - before[0]),
            "effective_rank": effective_rank(kernel),
            "weight_change": relative_change(self._model, self._start),
            **self._learnt(kernel),
        }
        if self._targets is not None:
            found["alignment"] = alignment(kernel, self._targets)
            found["ridge_score"] = ridge_score(kernel, self._targets, classes=self._classes)
        return {TensorKey("", KERNEL, name): value for name, value in found.items()}

    def _learnt(self, kernel: Floats) -> dict[str, float]:
        """Return in how far the change of the outputs since the start is linear: in the weights, and in the kernels."""
        now, first = self._now(), self._first
        changed = now - self._outputs
        if first is None or not np.isfinite(changed).all() or not changed.any():
            return dict.fromkeys(("linear_r2", "start_r2", "now_r2"), _NAN)
        model = self._model
        with same_random_numbers(model), same_state(model), in_eval_mode(model):
            linear = on_cpu(expanded(model, self._X, self._start)).astype(np.float64).reshape(now.shape)
        return {
            "linear_r2": r2(linear, now),
            "start_r2": ridge_score(first, changed, classes=False),
            "now_r2": ridge_score(kernel, changed, classes=False),
        }

    @torch.no_grad()
    def _now(self) -> Floats:
        """Return the outputs of the rows, (n, n_outputs), as float64."""
        with same_random_numbers(self._model), same_state(self._model), in_eval_mode(self._model):
            values: Floats = on_cpu(self._model(self._X)).astype(np.float64)
        return values.reshape(len(values), -1)


def _targets(y: Any) -> tuple[Floats, bool]:
    """Return labels as (n, k) numbers, a column a class, and whether they are classes: whole numbers are."""
    values = y.detach().cpu().numpy() if isinstance(y, torch.Tensor) else np.asarray(y)
    if values.ndim == 1 and values.dtype.kind in "iub":
        kinds, codes = np.unique(values, return_inverse=True)
        return np.eye(len(kinds))[codes], True
    return values.astype(np.float64).reshape(len(values), -1), False
