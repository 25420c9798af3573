"""`nn_bridge.tangent_kernel`: the neural tangent kernel of a net at its present weights, by hooks."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nn_bridge.capture.untraced_forward import in_eval_mode, same_random_numbers, same_state
from nn_bridge.kernels.layer_kernels import is_known, layer_kernel
from treedebug.core.errors import ConfigError

Floats = NDArray[np.float64]
Output = Callable[[Any], torch.Tensor]


def tangent_kernel(model: nn.Module, X: Any, *, output: Output | None = None) -> Floats:
    """Return (n, n) K[i, j] = <d f(x_i) / d weights, d f(x_j) / d weights> in float64, at the present weights.

        K = nn_bridge.tangent_kernel(model, X[:128])

    Of one forward and one backward pass in eval mode: exact for Linear, Conv1d, Conv2d, Embedding, LayerNorm and
    BatchNorm layers that are called once; a layer of another kind, or called twice, is left out with a warning that
    names it. Several outputs a row are summed and divided by the root of their number (Mohamadi, Bae and Sutherland,
    2023); `output` takes what the model returns and gives (n,) or (n, k) instead. Frozen weights do not count. Weights,
    gradients, mode, buffers and random state are as they were. Memory: n**2 numbers, and of convolutions each row's
    gradient of the filters.

    The kernel is that of an infinitely small step: it describes training as far as steps are short and weights stay
    near. Raise ConfigError if nothing can be computed.
    """
    kernel, omitted = kernel_and_omitted(model, X, output)
    if omitted:
        told = "; ".join(f"{name or 'the net itself'}: {reason}" for name, reason in omitted.items())
        warnings.warn(f"the kernel leaves out {told}", stacklevel=2)
    return kernel


def kernel_and_omitted(model: nn.Module, X: Any, output: Output | None = None) -> tuple[Floats, dict[str, str]]:
    """Return the kernel (n, n), and the layers it leaves out with the reason. Raise as `tangent_kernel` does."""
    if not isinstance(X, torch.Tensor) or X.dim() < 1 or not len(X):
        raise ConfigError(f"X is a tensor with a row for each example; got {type(X).__name__}")
    layers = {m: name for name, m in model.named_modules() if any(True for _ in m.parameters(recurse=False))}
    known = {m: name for m, name in layers.items() if is_known(m)}
    omitted = {name: f"{type(m).__name__} has no known kernel" for m, name in layers.items() if m not in known}
    seen: dict[nn.Module, list[tuple[torch.Tensor, torch.Tensor]]] = {m: [] for m in known}
    handles = [m.register_forward_hook(_keep(seen[m])) for m in known]
    try:
        with same_random_numbers(model), same_state(model), in_eval_mode(model), torch.enable_grad():
            f = _one_output(model(X) if output is None else output(model(X)), len(X))
            total = _sum_of_parts(f, known, seen, omitted)
    finally:
        for handle in handles:
            handle.remove()
    return total.cpu().numpy(), omitted


def _keep(calls: list[tuple[torch.Tensor, torch.Tensor]]) -> Callable[..., torch.Tensor | None]:
    def hook(module: nn.Module, inputs: Any, result: Any) -> torch.Tensor | None:  # noqa: ARG001 - a hook
        if isinstance(result, torch.Tensor) and inputs and isinstance(inputs[0], torch.Tensor):
            calls.append((inputs[0].detach(), result))
            return result.clone()  # what comes next may write into it, as ReLU(inplace=True) does
        return None

    return hook


def _one_output(result: Any, n_rows: int) -> torch.Tensor:
    """Return (n,) one number a row. Raise ConfigError for anything else than a row of numbers for each example."""
    if not isinstance(result, torch.Tensor) or not result.dim() or len(result) != n_rows:
        shape = tuple(result.shape) if isinstance(result, torch.Tensor) else type(result).__name__
        raise ConfigError(f"the net must give a row of numbers for each of {n_rows} rows; got {shape}: pass output=")
    if not result.requires_grad:
        raise ConfigError("no weight of the net requires a gradient: there is no kernel")
    flat = result.reshape(n_rows, -1)
    summed: torch.Tensor = flat.sum(dim=1) / flat.shape[1] ** 0.5
    return summed


def _sum_of_parts(
    f: torch.Tensor,
    known: dict[nn.Module, str],
    seen: dict[nn.Module, list[tuple[torch.Tensor, torch.Tensor]]],
    omitted: dict[str, str],
) -> torch.Tensor:
    once = [m for m in known if len(seen[m]) == 1 and seen[m][0][1].requires_grad]
    omitted.update({known[m]: f"it is called {len(seen[m])} times" for m in known if len(seen[m]) > 1})
    if not once:
        raise ConfigError("no layer of a known kind is called once: there is no kernel to compute")
    slopes = torch.autograd.grad(f.sum(), [seen[m][0][1] for m in once], allow_unused=True)
    total = torch.zeros(len(f), len(f), dtype=torch.float64, device=f.device)
    for module, slope in zip(once, slopes, strict=True):
        if slope is None:  # its output is not used
            continue
        x = seen[module][0][0]
        if len(x) != len(f):
            omitted[known[module]] = "it sees no row for each example"
            continue
        with torch.no_grad():
            try:
                total += layer_kernel(module, x, slope.detach()).double()
            except TypeError as error:
                omitted[known[module]] = str(error)
    return total
