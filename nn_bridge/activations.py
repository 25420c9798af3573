"""What passes through the modules in a sampled step: outputs reduced where they appear, before they are overwritten.

The hooks are there only while a step is sampled. They look and keep nothing of the graph: no tensor hook, no full
backward hook. Passes without gradients (an evaluation between two steps) are not counted.
"""

from __future__ import annotations

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
from nn_bridge.reduce import LIMIT, MAX, MIN, N_BAD, N_COLUMNS, N_ZERO, SUM, SUM_ABS, SUM_SQUARE

SATURATED = 5.0
"""Inputs of tanh and sigmoid at least so large are squashed flat: slopes below 0.0002 (tanh) and 0.007 (sigmoid)."""
MAX_UNITS = 4096
Guard = Callable[..., Any]


@dataclass
class Seen:
    """One module's outputs in a step, over all its calls."""

    sums: list[Any] = field(default_factory=list)
    """(7,) of each call, as in `reduce`, on whatever device."""
    sizes: list[int] = field(default_factory=list)
    saturated: list[Any] = field(default_factory=list)
    saturated_sizes: list[int] = field(default_factory=list)
    active: list[Any] = field(default_factory=list)
    """(n_units,) of each call: whether a unit was anything but silent on some row."""
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

    @property
    def is_armed(self) -> bool:
        """Whether the hooks are there."""
        return bool(self._handles)

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

    @torch.no_grad()
    def look(self, name: str, module: nn.Module, inputs: Any, output: Any) -> None:
        """Reduce one output."""
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
        function = function_of(module) or self.follows.get(name, "")
        is_own = bool(function_of(module))
        _reduce(seen, _fewer(values), dim, is_rectified=function == "relu" and not is_own)
        if function in SQUASHING:
            squashed = first_tensor(inputs) if is_own else values
            if squashed is not None and not getattr(module, "inplace", False):
                _saturation(seen, _fewer(squashed.detach()))


def _fewer(values: torch.Tensor) -> torch.Tensor:
    """The tensor, or evenly spaced rows of it where it is large, as float32 or float64."""
    if values.numel() > LIMIT and values.dim() > 1 and values.shape[0] > 1:
        values = values[:: min(-(-values.numel() // LIMIT), values.shape[0])]
    return values if values.dtype in (torch.float32, torch.float64) else values.float()


def _saturation(seen: Seen, values: torch.Tensor) -> None:
    if values.device.type == "cpu":
        seen.saturated.append(np.array([np.count_nonzero(np.abs(values.numpy()) >= SATURATED)], dtype=np.float64))
    else:
        seen.saturated.append((values.abs() >= SATURATED).sum().reshape(1))
    seen.saturated_sizes.append(values.numel())


def _reduce(seen: Seen, values: torch.Tensor, dim: int, *, is_rectified: bool) -> None:
    """Add the sums of one output. A rectified one is not yet: its units are silent where they are not positive."""
    n_units = int(values.shape[dim]) if values.dim() else 1
    wants_units = 1 < n_units <= MAX_UNITS and values.dim() > 1
    is_here = values.device.type == "cpu"
    reduced: tuple[Any, Any] = (
        _on_cpu(values.numpy(), dim, is_rectified=is_rectified)
        if is_here
        else _on_device(values, dim, is_rectified=is_rectified)
    )
    sums, active = reduced
    seen.sums.append(sums)
    seen.sizes.append(values.numel())
    if wants_units:
        seen.active.append(active)


def _on_cpu(x: NDArray[Any], dim: int, *, is_rectified: bool) -> tuple[NDArray[np.float64], Any]:
    out = np.zeros(N_COLUMNS)
    others = tuple(i for i in range(x.ndim) if i != dim)
    with np.errstate(all="ignore"):
        nonzero = x != 0
        out[SUM], out[MIN], out[MAX] = x.sum(), x.min(), x.max()
        out[N_ZERO] = x.size - np.count_nonzero(nonzero)
        work = np.abs(x)
        out[SUM_ABS] = work.sum()
        line = work.reshape(-1)
        out[SUM_SQUARE] = np.dot(line, line)
        if not np.isfinite(out[SUM]):
            out[N_BAD] = x.size - np.count_nonzero(np.isfinite(x))
        active = (x > 0 if is_rectified else nonzero).any(axis=others) if x.ndim > 1 else nonzero
    return out, active


def _on_device(x: torch.Tensor, dim: int, *, is_rectified: bool) -> tuple[torch.Tensor, torch.Tensor]:
    others = [i for i in range(x.dim()) if i != dim]
    nonzero = x != 0
    low, high = torch.aminmax(x)
    parts = (x.square().sum(), x.sum(), x.abs().sum(), low, high, x.numel() - nonzero.sum(), (~torch.isfinite(x)).sum())
    sums = torch.stack([p.to(torch.float32) for p in parts])
    active = (x > 0 if is_rectified else nonzero).any(dim=others) if others else nonzero
    return sums, active
