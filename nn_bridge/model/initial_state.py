"""What a network and its optimisers are before they have learned anything: parameters, initial weights, layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from nn_bridge.model.modules import function_of, is_weighted
from nn_bridge.record.network_facts import UNKNOWN, LayerFacts, OptimizerFacts, ParamFacts
from nn_bridge.statistics.array_view import array_view
from nn_bridge.statistics.joined_tensors import LIMIT, flat, join
from nn_bridge.statistics.step_numbers import DeviceNumbers
from nn_bridge.statistics.tensor_sums import statistics, symmetry
from treedebug.core.plain_json import plain

_MATRIX = 2
_SETTINGS = (
    "p", "momentum", "eps", "affine", "track_running_stats", "num_layers", "bidirectional", "hidden_size", "bias",
    "num_heads", "num_embeddings", "embedding_dim", "in_features", "out_features", "in_channels", "out_channels",
    "kernel_size", "stride", "groups", "negative_slope", "nonlinearity", "dropout", "normalized_shape", "inplace",
    "batch_first", "dim",
)  # fmt: skip


def param_facts(model: nn.Module, held: Mapping[int, int]) -> tuple[ParamFacts, ...]:
    """Describe every parameter once; `held` is the optimiser of those in one, by id. Lazy ones have no shape."""
    names: dict[int, list[str]] = {}
    for name, param in model.named_parameters(remove_duplicate=False):
        names.setdefault(id(param), []).append(name)
    modules = dict(model.named_modules(remove_duplicate=False))
    return tuple(
        _param(name, p, modules, names[id(p)][1:], held.get(id(p), -1)) for name, p in model.named_parameters()
    )


def _param(
    name: str,
    param: nn.Parameter,
    modules: Mapping[str, nn.Module],
    others: Sequence[str],
    optimizer: int,
) -> ParamFacts:
    module, _, role = name.rpartition(".")
    known: dict[str, Any] = {}
    is_lazy = isinstance(param, nn.parameter.UninitializedParameter)
    if not is_lazy and param.numel() and param.is_floating_point() and not hasattr(param, "full_tensor"):
        known = _initial(param, modules.get(module))
    return ParamFacts(
        name=name, module=module, role=role, shape=() if is_lazy else tuple(param.shape),
        dtype=str(param.dtype).removeprefix("torch."), n=0 if is_lazy else param.numel(),
        requires_grad=param.requires_grad,
        in_optimizer=optimizer >= 0, optimizer=optimizer, shared_with=tuple(others), **known,
    )  # fmt: skip


@torch.no_grad()
def _initial(param: nn.Parameter, module: nn.Module | None) -> dict[str, Any]:
    device_numbers, one = DeviceNumbers(), join([param])
    device_numbers.add_sums(one)
    device_numbers.fetch()
    row = statistics(device_numbers.block_sums.sums(), one.sizes, [param.numel()])[0]
    facts: dict[str, Any] = {
        "mean": float(row[1]), "var": float(row[3]), "zero_share": float(row[6]), "nonfinite_share": float(row[7]),
    }  # fmt: skip
    if module is None or not _is_matrix(param, module):
        return facts
    units = _by_unit(param, module)
    facts |= {"is_matrix": True, "n_units": int(units.shape[0]), "fan_in": int(units.shape[1])}
    return facts | _symmetry(units)


def _is_matrix(param: nn.Parameter, module: nn.Module) -> bool:
    return param.dim() >= _MATRIX and is_weighted(module) and (param.dim() == _MATRIX or hasattr(module, "weight"))


def _by_unit(param: nn.Parameter, module: nn.Module) -> torch.Tensor:
    """Return the weights into each unit, (n_units, fan_in)."""
    values = param.detach()
    if getattr(module, "transposed", False):
        values = values.transpose(0, 1)
    return values.reshape(values.shape[0], -1)


def _symmetry(units: torch.Tensor) -> dict[str, float]:
    """Return the shares of units whose weights are all one value, and of units that equal another one."""
    if units.numel() > 4 * LIMIT:
        return {}
    return symmetry(array_view(flat(units, 4 * LIMIT).cpu()).reshape(tuple(units.shape)))


def layer_facts(
    model: nn.Module, watched: Mapping[str, nn.Module], order: Sequence[str], found: Mapping[str, Mapping[str, Any]]
) -> tuple[LayerFacts, ...]:
    """Describe watched modules and those with parameters, in the order of their first call (`order`), the others last.

    `found` holds what the loss's graph shows of a weighted layer: `activation`, `feeds`, `is_linear_to`.
    """
    named = {n: m for n, m in model.named_modules() if n in watched or _is_known(m)}
    names = [n for n in order if n in named]
    return tuple(_layer(n, named[n], found.get(n, {})) for n in [*names, *(n for n in named if n not in names)])


def _is_known(module: nn.Module) -> bool:
    """Return whether a module has parameters or is dropout, which differs in training and evaluation."""
    return "Dropout" in type(module).__name__ or any(True for _ in module.parameters(recurse=False))


def _layer(name: str, module: nn.Module, found: Mapping[str, Any]) -> LayerFacts:
    own = function_of(module)
    return LayerFacts(
        name=name, type=type(module).__name__, is_weighted=is_weighted(module),
        activation=own or str(found.get("activation", UNKNOWN)), feeds=tuple(found.get("feeds", ())),
        is_linear_to=tuple(found.get("is_linear_to", ())),
        is_training=module.training, settings=_settings(module) or None,
    )  # fmt: skip


def _settings(module: nn.Module) -> dict[str, Any]:
    found = {name: getattr(module, name, None) for name in _SETTINGS}
    return {k: True if isinstance(v, torch.Tensor) else plain(v) for k, v in found.items() if v is not None}


def optimizer_facts(optimizer: torch.optim.Optimizer, known: set[int]) -> OptimizerFacts:
    """Return an optimiser's settings; `known` are the ids of the model's parameters."""
    params = [p for group in optimizer.param_groups for p in group["params"]]
    groups = tuple(
        {**{str(k): plain(v) for k, v in g.items() if k != "params"}, "n": len(g["params"])}
        for g in optimizer.param_groups
    )
    foreign = sum(id(p) not in known for p in params)
    return OptimizerFacts(type=type(optimizer).__name__, n_params=len(params), n_foreign=foreign, groups=groups)


def training_params(optimizers: Sequence[torch.optim.Optimizer]) -> dict[str, Any]:
    """Return the first group's settings of each optimiser, for the run's header."""
    params: dict[str, Any] = {}
    for i, optimizer in enumerate(optimizers):
        tail = "" if i == 0 else f" ({i + 1})"
        params[f"optimizer{tail}"] = type(optimizer).__name__
        for name, value in optimizer.param_groups[0].items():
            if name not in ("params", "initial_lr") and value is not None:
                params[("learning_rate" if name == "lr" else name) + tail] = plain(value)
    return params


def known_shapes(model: nn.Module) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the parameters by name, those of lazy layers left out."""
    named = model.named_parameters()
    return {n: tuple(p.shape) for n, p in named if not isinstance(p, nn.parameter.UninitializedParameter)}
