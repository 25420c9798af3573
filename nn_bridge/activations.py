"""What passes through the modules in a sampled step: outputs reduced where they appear, before they are overwritten.

The hooks are there only while a step is sampled. They look and keep nothing of the graph: no tensor hook, no full
backward hook. Passes without gradients (an evaluation between two steps) are not counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nn_bridge.hooks import Hook
from nn_bridge.modules import SQUASHING, first_tensor, function_of, is_weighted, unit_dim
from nn_bridge.octaves import thinned
from nn_bridge.reduce import LIMIT

SATURATED = 5.0
"""Inputs of tanh and sigmoid at least so large are squashed flat: slopes below 0.0002 (tanh) and 0.007 (sigmoid)."""
MAX_UNITS = 4096
Guard = Callable[..., Any]


_RECTIFIED = frozenset({"relu", "threshold", "relu6"})


@dataclass
class Seen:
    """One module's outputs in a step, over all its calls; numbers are on whatever device."""

    rows: list[Any] = field(default_factory=list)
    """(7,) sums of each call, as in `reduce`."""
    size: int = 0
    saturated: list[Any] = field(default_factory=list)
    """Entries of each call that are squashed flat."""
    saturated_size: int = 0
    active: list[Any] = field(default_factory=list)
    """(n_units,) of each call of a rectifier: whether a unit gave anything but 0 on some row."""
    whole: torch.Tensor | None = None
    thinned: torch.Tensor | None = None
    """Some entries, for a histogram."""


class ForwardTap:
    """Hooks on the watched modules. `arm` before a sampled step, `take` after it."""

    def __init__(self, modules: Mapping[str, nn.Module], guard: Guard) -> None:
        self._modules = dict(modules)
        self._guard = guard
        self._handles: list[Any] = []
        self._seen: dict[str, Seen] = {}
        self._channels = 0
        self.follows: dict[str, str] = {}
        """Functions applied to a module's output outside of any (`F.relu(self.fc(x))`), as the loss's graph told."""
        self.order: list[str] = []
        """Modules in the order of their first call."""
        self.is_probing = False
        """A pass without gradients is looked at all the same: one made beside a compiled net."""
        self.wants_octaves = False
        """Entries are kept for histograms too."""
        self.whole: frozenset[str] = frozenset()
        """Modules whose whole outputs are wanted."""

    def arm(self) -> None:
        """Put the hooks in place."""
        if not self._handles:
            self._handles = [m.register_forward_hook(self._hook(name)) for name, m in self._modules.items()]

    def disarm(self) -> None:
        """Take the hooks away."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def take(self) -> dict[str, Seen]:
        """What was seen since the last call, in the order of the net; forgets it."""
        seen, self._seen, self._channels = self._seen, {}, 0
        return {name: seen[name] for name in self.order if name in seen}

    def _hook(self, name: str) -> Hook:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if self.is_probing or torch.is_grad_enabled():
                self._guard("activations", self.look, name, module, inputs, output)

        return Hook(hook)

    def look(self, name: str, module: nn.Module, inputs: Any, output: Any) -> None:
        """Reduce one output. What is detached has no graph: no need for `no_grad`, which costs time to enter."""
        found = first_tensor(output)
        if found is None or found.numel() == 0 or type(found) not in (torch.Tensor, nn.Parameter):
            return
        if name not in self._seen:
            self._seen[name] = Seen()
            if name not in self.order:
                self.order.append(name)
        values = found.detach()
        dim = unit_dim(module, values, self._channels)
        if isinstance(module, nn.modules.conv._ConvNd):  # noqa: SLF001 - its base class has no public name
            self._channels = int(values.shape[1]) if values.dim() > 1 else 0
        elif is_weighted(module):
            self._channels = 0
        seen = self._seen[name]
        if name in self.whole:
            seen.whole = values.clone()
        if self.wants_octaves:
            seen.thinned = thinned(values)
        own = function_of(module)
        function = own or self.follows.get(name, "")
        rectifies = function in _RECTIFIED
        _reduce(seen, _fewer(values), dim, wants_units=rectifies, is_before=rectifies and not own)
        if function in SQUASHING:
            squashed = first_tensor(inputs) if own else values
            if squashed is not None:
                _saturation(seen, _fewer(squashed.detach()))


def _fewer(values: torch.Tensor) -> torch.Tensor:
    """The tensor, or evenly spaced rows of it where it is large, as float32 or float64."""
    if values.numel() > LIMIT and values.dim() > 1 and values.shape[0] > 1:
        values = values[:: min(-(-values.numel() // LIMIT), values.shape[0])]
    return values if values.dtype in (torch.float32, torch.float64) else values.float()


def _saturation(seen: Seen, values: torch.Tensor) -> None:
    if values.device.type == "cpu":
        seen.saturated.append((float(np.count_nonzero(np.abs(values.numpy()) >= SATURATED)),))
    else:
        seen.saturated.append((values.abs() >= SATURATED).sum().reshape(1))
    seen.saturated_size += values.numel()


def _reduce(seen: Seen, values: torch.Tensor, dim: int, *, wants_units: bool, is_before: bool) -> None:
    """Add the sums of one output. One that is yet to be rectified (`is_before`) is silent where it is not positive."""
    n_units = int(values.shape[dim]) if values.dim() else 1
    wants_units = wants_units and 1 < n_units <= MAX_UNITS and values.dim() > 1
    reduce = _on_cpu if values.device.type == "cpu" else _on_device
    row, active = reduce(values, dim, wants_units=wants_units, is_before=is_before)
    seen.rows.append(row)
    seen.size += values.numel()
    if wants_units:
        seen.active.append(active)


def _on_cpu(values: torch.Tensor, dim: int, *, wants_units: bool, is_before: bool) -> tuple[Any, Any]:
    x: NDArray[Any] = values.numpy()
    line = x.reshape(-1)
    with np.errstate(all="ignore"):
        nonzero = x != 0
        total = float(np.add.reduce(line))
        bad = 0 if math.isfinite(total) else line.size - int(np.count_nonzero(np.isfinite(line)))
        row = (
            float(np.dot(line, line)), total, float(np.add.reduce(np.abs(line))), float(np.minimum.reduce(line)),
            float(np.maximum.reduce(line)), line.size - int(np.count_nonzero(nonzero)), bad,
        )  # fmt: skip
        if not wants_units:
            return row, None
        alive = x > 0 if is_before else nonzero
        if dim == x.ndim - 1:
            return row, np.bitwise_or.reduce(alive.view(np.uint8).reshape(-1, x.shape[-1]), axis=0)
        return row, alive.any(axis=tuple(i for i in range(x.ndim) if i != dim))


def _on_device(x: torch.Tensor, dim: int, *, wants_units: bool, is_before: bool) -> tuple[Any, Any]:
    nonzero = x != 0
    low, high = torch.aminmax(x)
    parts = (x.square().sum(), x.sum(), x.abs().sum(), low, high, x.numel() - nonzero.sum(), (~torch.isfinite(x)).sum())
    row = torch.stack([p.to(torch.float32) for p in parts])
    others = [i for i in range(x.dim()) if i != dim]
    return row, (x > 0 if is_before else nonzero).any(dim=others) if wants_units else None
