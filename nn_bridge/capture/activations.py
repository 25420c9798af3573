"""What passes through the modules in a sampled step: outputs reduced where they appear, before they are overwritten.

The hooks are there only while a step is sampled. They look and keep nothing of the graph: no tensor hook, no full
backward hook. ForwardPasses without gradients (an evaluation between two steps) are not counted.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from nn_bridge.capture.module_hooks import Hook
from nn_bridge.model.modules import SQUASHING, first_tensor, function_of, is_weighted, unit_dim
from nn_bridge.statistics.array_view import array_view
from nn_bridge.statistics.joined_tensors import LIMIT
from nn_bridge.statistics.log2_histogram import histogram_sample
from nn_bridge.statistics.step_numbers import DeviceNumbers

SATURATED = 5.0
"""Inputs of tanh and sigmoid at least so large are squashed flat: slopes below 0.0002 (tanh) and 0.007 (sigmoid)."""
MAX_UNITS = 4096
_FEWEST_ROWS = 8
_DIRECTIONS = 4
"""Units from which on rows have directions to compare."""
Guard = Callable[..., Any]


_RECTIFIED = frozenset({"relu", "threshold", "relu6"})
_PLAIN = (torch.Tensor, nn.Parameter)


@dataclass(frozen=True)
class _Layer:
    """What a module is, as far as its outputs are concerned."""

    name: str
    module: nn.Module
    function: str
    is_convolution: bool
    is_weighted: bool


@dataclass
class LayerOutputs:
    """One module's outputs in a step, over all its calls; numbers are on whatever device."""

    layer: _Layer
    place: int | None = None
    """Where its sums are, in a `DeviceNumbers`."""
    size: int = 0
    saturated: list[Any] = field(default_factory=list)
    """Entries of each call that are squashed flat."""
    saturated_size: int = 0
    largest: list[torch.Tensor] = field(default_factory=list)
    """(n_units,) of each call of a rectifier: the largest output of each unit, over the rows."""
    whole: torch.Tensor | None = None
    histogram_sample: torch.Tensor | None = None
    """Some entries, for a histogram."""
    row_spread: torch.Tensor | None = None
    """(2,) standard deviation over the rows, and of their directions, of a weighted layer's last call."""


class ActivationHooks:
    """Hooks on the watched modules. `add_hooks` before a sampled step, `take` after it."""

    def __init__(self, modules: Mapping[str, nn.Module], guard: Guard) -> None:
        self._modules = dict(modules)
        self._guard = guard
        self._handles: list[Any] = []
        self._layers: dict[str, _Layer] = {}
        self._seen: dict[str, LayerOutputs] = {}
        self._channels = 0
        self.device_numbers = DeviceNumbers()
        """Where the sums of the step under way go."""
        self.outer_functions: dict[str, str] = {}
        """Functions called on a module's output (`F.relu(self.fc(x))`), by module, from the loss's graph."""
        self.order: list[str] = []
        """Modules in the order of their first call."""
        self.is_probing = False
        """A pass without gradients counts too: the one made beside a compiled net."""
        self.is_paused = False
        """The user looks at rows beside the training: nothing of it is a step's."""
        self.wants_histograms = False
        """Entries are kept for histograms too."""
        self.whole: frozenset[str] = frozenset()
        """Modules whose whole outputs are wanted."""

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let forward passes be made that are not the training's."""
        self.is_paused = True
        try:
            yield
        finally:
            self.is_paused = False

    def add_hooks(self) -> None:
        """Put the hooks in place."""
        if not self._handles:
            self._handles = [m.register_forward_hook(self._hook(name)) for name, m in self._modules.items()]

    def remove_hooks(self) -> None:
        """Take the hooks away."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def take(self) -> dict[str, LayerOutputs]:
        """Return the outputs seen since the last call, in the order of the net, and forget them."""
        seen, self._seen, self._channels = self._seen, {}, 0
        return {name: seen[name] for name in self.order if name in seen}

    def _hook(self, name: str) -> Hook:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if (self.is_probing or torch.is_grad_enabled()) and not self.is_paused:
                self._guard("activations", self.look, name, module, inputs, output)

        return Hook(hook)

    def look(self, name: str, module: nn.Module, inputs: Any, output: Any) -> None:
        """Reduce one output, unless it is a single number such as a loss.

        What is detached has no graph: no need for `no_grad`, which costs time to enter.
        """
        values = _to_look_at(output)
        if values is None:
            return
        seen = self._seen.get(name)
        if seen is None:
            seen = self._seen[name] = LayerOutputs(self._layer(name, module))
        if name in self.whole:
            seen.whole = values.clone()
        kept = _fewer(values)
        if self.wants_histograms:
            seen.histogram_sample = histogram_sample(values)
            seen.row_spread = row_spread(kept) if seen.layer.is_weighted else None
        seen.place = self.device_numbers.add_sums_of(kept, seen.place)
        seen.size += kept.numel()
        function = seen.layer.function or self.outer_functions.get(name, "")
        if function in _RECTIFIED:
            _units(seen, kept.abs() if function == "threshold" else kept, unit_dim(module, values, self._channels))
        elif function in SQUASHING:
            squashed = first_tensor(inputs) if seen.layer.function else values
            if squashed is not None:
                _saturation(seen, _fewer(squashed.detach()))
        if seen.layer.is_convolution:
            self._channels = int(values.shape[1]) if values.dim() > 1 else 0
        elif seen.layer.is_weighted:
            self._channels = 0

    def _layer(self, name: str, module: nn.Module) -> _Layer:
        """Describe a module at its first call: a lazy one has no parameters, and another class, before it."""
        layer = self._layers.get(name)
        if layer is None:
            is_convolution = isinstance(module, nn.modules.conv._ConvNd)  # noqa: SLF001 - has no public name
            layer = _Layer(name, module, function_of(module), is_convolution, is_weighted(module))
            self._layers[name] = layer
            self.order.append(name)
        return layer


def _to_look_at(output: Any) -> torch.Tensor | None:
    """Return the tensor of an output, without a graph, dense; None for a lone number, and for large sparse ones."""
    found = first_tensor(output)
    if found is None or type(found) not in _PLAIN or not found.dim() or not found.numel():
        return None
    if found.layout == torch.strided:
        return found.detach()
    return found.detach().to_dense() if found.numel() <= LIMIT else None


def _fewer(values: torch.Tensor) -> torch.Tensor:
    """Return the tensor, or evenly spaced rows of it where it is large, as float32 or float64."""
    if values.numel() > LIMIT and values.dim() > 1 and values.shape[0] > 1:
        values = values[:: min(-(-values.numel() // LIMIT), values.shape[0])]
    return values if values.dtype in (torch.float32, torch.float64) else values.float()


def row_spread(values: torch.Tensor) -> torch.Tensor | None:
    """Return (2,) the standard deviation over rows, and that of their directions; None for fewer than eight rows."""
    if values.dim() <= 1 or values.shape[0] < _FEWEST_ROWS:
        return None
    flat = values.flatten(1)
    spread = flat.var(0, correction=0).mean().sqrt()
    if flat.shape[1] < _DIRECTIONS:
        return torch.stack([spread, spread / flat.square().mean().sqrt().clamp_min(1e-30)])
    return torch.stack([spread, nn.functional.normalize(flat).var(0, correction=0).sum().sqrt()])


def _saturation(seen: LayerOutputs, values: torch.Tensor) -> None:
    if values.device.type == "cpu":
        seen.saturated.append((float(np.count_nonzero(np.abs(array_view(values)) >= SATURATED)),))
    else:
        seen.saturated.append((values.abs() >= SATURATED).sum().reshape(1))
    seen.saturated_size += values.numel()


def _units(seen: LayerOutputs, values: torch.Tensor, dim: int) -> None:
    """Keep the largest output of each unit: one that is not above 0 on any row is silent, rectified yet or not."""
    if values.dim() > 1 and 1 < values.shape[dim] <= MAX_UNITS:
        seen.largest.append(values.amax([i for i in range(values.dim()) if i != dim]))
