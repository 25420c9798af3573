"""One layer's part of the tangent kernel, from its inputs and the gradients behind it.

The gradient of a row's output with respect to a layer's weights is an outer product of the two, so rows' gradients need
not be formed for a Linear layer: their products are products of Gram matrices. `x` is the layer's input, `g` the
gradient of the outputs' sum with respect to its output; rows must not mix anywhere (eval mode).
"""

from __future__ import annotations

import torch
from torch import nn

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def is_known(module: nn.Module) -> bool:
    """Return whether the layer's part can be computed here."""
    return isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.LayerNorm, nn.Embedding, *_NORMS))


def layer_kernel(module: nn.Module, x: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
    """Return (n, n) the layer's part. Raise TypeError for a layer that `is_known` denies."""
    if isinstance(module, nn.Linear):
        return _linear(module, x, g)
    if isinstance(module, nn.Conv1d | nn.Conv2d):
        return _convolution(module, x, g)
    if isinstance(module, nn.Embedding):
        return _embedding(module, x, g)
    if isinstance(module, nn.LayerNorm):
        dims = tuple(range(-len(module.normalized_shape), 0))
        mean, var = x.mean(dims, keepdim=True), x.var(dims, unbiased=False, keepdim=True)
        n = len(module.normalized_shape)
        return _scale_and_shift(module, (x - mean) / torch.sqrt(var + module.eps), g, kept=n)
    if isinstance(module, _NORMS):
        shape = [1, -1, *[1] * (x.dim() - 2)]
        middle, spread = module.running_mean, module.running_var
        if middle is None or spread is None:
            raise TypeError(f"{type(module).__name__} without running statistics mixes rows")
        normal = (x - middle.view(shape)) / torch.sqrt(spread.view(shape) + module.eps)
        moved = normal.movedim(1, -1), g.movedim(1, -1)
        return _scale_and_shift(module, *moved, kept=1)
    raise TypeError(f"{type(module).__name__} has no known kernel")


def _gram(rows: torch.Tensor) -> torch.Tensor:
    flat = rows.reshape(len(rows), -1)
    return flat @ flat.T


def _linear(module: nn.Linear, x: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
    total = torch.zeros(len(x), len(x), dtype=g.dtype, device=g.device)
    if x.dim() == 2:
        if module.weight.requires_grad:
            total += (x @ x.T) * (g @ g.T)
    elif module.weight.requires_grad:  # positions of a row share the weights: their gradients add up
        x, g = x.flatten(1, -2), g.flatten(1, -2)
        total += _gram(torch.einsum("npo,npi->noi", g, x))
    if module.bias is not None and module.bias.requires_grad:
        total += _gram(g if g.dim() == 2 else g.sum(dim=1))
    return total


def _convolution(module: nn.Conv1d | nn.Conv2d, x: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
    total = torch.zeros(len(x), len(x), dtype=g.dtype, device=g.device)
    if module.weight.requires_grad:
        total += _gram(_filter_gradients(module, x, g))
    if module.bias is not None and module.bias.requires_grad:
        total += _gram(g.flatten(2).sum(dim=2))
    return total


def _filter_gradients(module: nn.Conv1d | nn.Conv2d, x: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
    """Return (n, entries of the filters) each row's gradient, by unfolding the patches that the filters saw."""
    if isinstance(module.padding, str) or module.padding_mode != "zeros":
        raise TypeError(f"{type(module).__name__} with padding {module.padding_mode!r} has no known kernel")
    if isinstance(module, nn.Conv1d):
        x, g = x.unsqueeze(2), g.unsqueeze(2)
        size, step, pad, apart = ((1, *v) for v in (module.kernel_size, module.stride, (), module.dilation))
        pad = (0, *module.padding)
    else:
        size, step, pad, apart = module.kernel_size, module.stride, module.padding, module.dilation
    patches = nn.functional.unfold(x, size, dilation=apart, padding=pad, stride=step)  # (n, in * k, positions)
    groups = module.groups
    patches = patches.reshape(len(x), groups, -1, patches.shape[-1])
    slopes = g.reshape(len(x), groups, -1, patches.shape[-1])
    return torch.einsum("ngop,ngip->ngoi", slopes, patches).flatten(1)


def _embedding(module: nn.Embedding, x: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
    if not module.weight.requires_grad:
        return torch.zeros(len(x), len(x), dtype=g.dtype, device=g.device)
    tokens, slopes = x.reshape(len(x), -1), g.reshape(len(x), -1, g.shape[-1])
    used, at = torch.unique(tokens, return_inverse=True)
    rows = torch.zeros(len(x), len(used), g.shape[-1], dtype=g.dtype, device=g.device)
    rows.scatter_add_(1, at.unsqueeze(-1).expand(-1, -1, g.shape[-1]), slopes)
    if module.padding_idx is not None:
        rows[:, used == module.padding_idx] = 0.0
    return _gram(rows)


def _scale_and_shift(module: nn.Module, normal: torch.Tensor, g: torch.Tensor, *, kept: int) -> torch.Tensor:
    """Return the part of a norm layer's weight and bias; the last `kept` dimensions have entries of their own."""
    total = torch.zeros(len(g), len(g), dtype=g.dtype, device=g.device)
    between = tuple(range(1, g.dim() - kept))
    for parameter, values in ((module.weight, g * normal), (module.bias, g)):
        if isinstance(parameter, torch.Tensor) and parameter.requires_grad:
            total += _gram(values.sum(dim=between) if between else values)
    return total
