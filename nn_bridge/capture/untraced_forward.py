"""A forward pass beside the training, of which nothing stays: no gradient, no random number, no running mean."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn


@contextlib.contextmanager
def same_random_numbers(model: nn.Module) -> Iterator[None]:
    """Restore the random state afterwards, on the CPU and on the model's accelerators."""
    devices = {p.device for p in model.parameters() if p.device.type == "cuda"}
    with torch.random.fork_rng(devices=list(devices)):
        yield


def untraced_forward(model: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Any:
    """Return the model's output in its present mode, computed on copies of its buffers."""
    buffers = {name: b.detach().clone() for name, b in model.named_buffers()}
    with same_random_numbers(model):
        return torch.func.functional_call(model, buffers, tuple(args), dict(kwargs or {}))


@contextlib.contextmanager
def in_eval_mode(model: nn.Module) -> Iterator[None]:
    """Put all modules in eval mode, and each back in its own mode afterwards."""
    modes = {m: m.training for m in model.modules()}
    for module in modes:
        module.training = False
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextlib.contextmanager
def same_state(model: nn.Module) -> Iterator[None]:
    """Restore buffers and gradients afterwards."""
    buffers = [(m, n, b, b.detach().clone()) for m in model.modules() for n, b in m._buffers.items() if b is not None]  # noqa: SLF001 - named_buffers() leaves out shared ones
    gradients = [(p, p.grad, None if p.grad is None else p.grad.detach().clone()) for p in model.parameters()]
    try:
        yield
    finally:
        with torch.no_grad():
            for module, name, buffer, values in buffers:
                module._buffers[name] = buffer.copy_(values)  # noqa: SLF001 - one that was replaced comes back too
            for param, gradient, held in gradients:
                param.grad = gradient if gradient is None or held is None else gradient.copy_(held)
