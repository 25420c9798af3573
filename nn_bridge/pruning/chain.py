"""A feed-forward `nn.Sequential` as a chain of linear layers, each with what stands behind it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from treedebug.core.errors import ConfigError

_ELEMENTWISE = (
    nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish, nn.Softplus, nn.Softsign,
    nn.Tanh, nn.Sigmoid, nn.Hardtanh, nn.Hardsigmoid, nn.Hardswish, nn.LogSigmoid, nn.Tanhshrink, nn.Identity,
    nn.Dropout, nn.AlphaDropout,
)  # fmt: skip
"""Layers that treat each unit by itself, whatever the others do."""


@dataclass(frozen=True)
class Layer:
    """A linear layer, and the modules between it and the next one."""

    linear: nn.Linear
    behind: tuple[nn.Module, ...]


@dataclass(frozen=True)
class Chain:
    """What stands before the first linear layer, and the linear layers; the last one gives the output."""

    before: tuple[nn.Module, ...]
    layers: tuple[Layer, ...]

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return tuple(layer.linear.out_features for layer in self.layers[:-1])

    @property
    def n_parameters(self) -> int:
        """Numbers that training sets."""
        return sum(p.numel() for p in self.module().parameters())

    def module(self) -> nn.Sequential:
        """Return the chain as one module, in evaluation mode; parameters are shared with it."""
        parts = [*self.before, *(m for layer in self.layers for m in (layer.linear, *layer.behind))]
        return nn.Sequential(*parts).eval()

    def inputs(self, X: torch.Tensor) -> Iterator[torch.Tensor]:
        """Yield (n_rows, n_units) the input of each linear layer, then the output."""
        values = nn.Sequential(*self.before)(X)
        for layer in self.layers:
            yield values
            values = nn.Sequential(*layer.behind)(layer.linear(values))
        yield values

    def narrowed(self, index: int, keep: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> Chain:
        """Return the chain with the units `keep` of hidden layer `index` alone, and the next layer's weights given."""
        layers = [copy.deepcopy(layer) for layer in self.layers]
        old, follower = layers[index], layers[index + 1]
        thin = _linear(old.linear.weight[keep], old.linear.bias[keep] if old.linear.bias is not None else None)
        layers[index] = Layer(thin, tuple(_kept(m, keep) for m in old.behind))
        layers[index + 1] = Layer(_linear(weight, bias), follower.behind)
        return Chain(self.before, tuple(layers))


def chain_of(model: nn.Module) -> Chain:
    """Return the chain. Raise ConfigError, naming the layer, for a network that is none."""
    modules = list(_flat(model))
    first = next((i for i, m in enumerate(modules) if isinstance(m, nn.Linear)), None)
    if first is None:
        raise ConfigError("the network has no nn.Linear layer: there is nothing to make narrower")
    layers: list[Layer] = []
    for module in modules[first:]:
        if isinstance(module, nn.Linear):
            layers.append(Layer(module, ()))
        elif isinstance(module, (*_ELEMENTWISE, nn.BatchNorm1d)) or module is modules[-1]:
            layers[-1] = Layer(layers[-1].linear, (*layers[-1].behind, module))
        else:
            raise ConfigError(
                f"{type(module).__name__} stands behind a linear layer and mixes its units: only layers that treat "
                "each unit by itself (activations, dropout, BatchNorm1d) can be followed"
            )
    if len(layers) < 2:
        raise ConfigError("the network has one linear layer, its output: there is no hidden layer to make narrower")
    return Chain(tuple(modules[:first]), tuple(layers))


def _flat(module: nn.Module) -> Iterator[nn.Module]:
    if not isinstance(module, nn.Sequential):
        if list(module.children()) and not isinstance(module, nn.Linear):
            raise ConfigError(
                f"{type(module).__name__} is not an nn.Sequential: its forward may use its layers in any way, so none "
                "can be made narrower; give the nn.Sequential inside"
            )
        yield module
        return
    for child in module:
        yield from _flat(child)


def _linear(weight: torch.Tensor, bias: torch.Tensor | None) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, dtype=weight.dtype, device=weight.device)
    with torch.no_grad():
        layer.weight.copy_(weight)
        if bias is not None:
            layer.bias.copy_(bias)
    return layer


def _kept(module: nn.Module, keep: torch.Tensor) -> nn.Module:
    """Return a module behind a layer for some of its units."""
    if not isinstance(module, nn.BatchNorm1d):
        return module
    new = nn.BatchNorm1d(len(keep), module.eps, module.momentum, module.affine, module.track_running_stats)
    state = {k: v[keep] if v.ndim else v for k, v in module.state_dict().items()}
    new.load_state_dict(state)
    new.train(module.training)
    return new
