"""The net as it would be if its outputs were linear in its weights: its first-order expansion about its start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

Output = Callable[[Any], torch.Tensor]


def trained_weights(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return copies of the weights that are trained, by name."""
    return {n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}


def expanded(model: nn.Module, X: torch.Tensor, start: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Return f(X; start) + the derivative there times (weights now - start), shaped as the net's output.

    Of one forward pass and two backward passes, the second through the first. Raise TypeError for a net whose output
    is no tensor.
    """
    moved = {n: p.detach() - start[n] for n, p in model.named_parameters() if n in start}
    leaves = {n: start[n].clone().requires_grad_() for n in moved}
    with torch.enable_grad():
        f = torch.func.functional_call(model, leaves, (X,))
        if not isinstance(f, torch.Tensor):
            raise TypeError(f"the net returns a {type(f).__name__}, no tensor")
        push = torch.zeros_like(f, requires_grad=True)
        slopes = torch.autograd.grad(f, list(leaves.values()), push, create_graph=True, allow_unused=True)
        parts = [(s * moved[n]).sum() for n, s in zip(leaves, slopes, strict=True) if s is not None]
        (change,) = torch.autograd.grad(torch.stack(parts).sum(), push)
    return f.detach() + change.detach()


def relative_change(model: nn.Module, start: Mapping[str, torch.Tensor]) -> float:
    """Return |weights now - start| / |start|."""
    moved, size = 0.0, 0.0
    for name, param in model.named_parameters():
        if name in start:
            moved += float(((param.detach() - start[name]).double() ** 2).sum())
            size += float((start[name].double() ** 2).sum())
    return (moved / size) ** 0.5 if size > 0 else float("nan")
