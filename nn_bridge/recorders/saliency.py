"""The gradient of a network's output with respect to its input, without a trace in the training."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from nn_bridge.capture.untraced_forward import in_eval_mode, untraced_forward
from nn_bridge.model.unsupported import described
from treedebug.core.errors import ConfigError


def input_gradient(model: nn.Module, x: torch.Tensor, target: Any = None) -> torch.Tensor:
    """Return the gradient of each row's output for `target` (default: its largest) with respect to `x`.

    Raise ConfigError for an input that is no tensor of floating-point numbers, an output that is no tensor, or a
    target that is not among the outputs.
    """
    if not isinstance(x, torch.Tensor) or not x.is_floating_point():
        raise ConfigError(f"saliency takes a batch as a tensor of floating-point numbers; got {described(x)}")
    with in_eval_mode(model), torch.enable_grad():
        point = x.detach().clone().requires_grad_(True)  # noqa: FBT003 - torch's own
        output = untraced_forward(model, [point])
        if not isinstance(output, torch.Tensor):
            raise ConfigError(
                f"saliency needs a model whose output is one tensor; this one gives {type(output).__name__}"
            )
        (gradient,) = torch.autograd.grad(_chosen(output, target).sum(), [point])
    return gradient


def _chosen(output: torch.Tensor, target: Any) -> torch.Tensor:
    rows = output.reshape(output.shape[0], -1)
    if target is None:
        return rows.max(dim=1).values
    index = torch.as_tensor(target, device=output.device).reshape(-1, 1).long()
    n, k = rows.shape
    if len(index) not in (1, n) or not bool(((index >= 0) & (index < k)).all()):
        raise ConfigError(
            f"target is an output of the net (0 to {k - 1}), or one for each of the {n} rows; got {target!r}"
        )
    return rows.gather(1, index.expand(n, 1))
