"""The modules of a network: which there are, which are watched, and what kind of layer each is."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn

from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.phrases import listed

ACTIVATIONS = {
    "ReLU": "relu", "ReLU6": "relu", "LeakyReLU": "leaky_relu", "PReLU": "prelu", "RReLU": "rrelu", "ELU": "elu",
    "SELU": "selu", "CELU": "celu", "GELU": "gelu", "SiLU": "silu", "Mish": "mish", "Softplus": "softplus",
    "Softsign": "softsign", "Hardtanh": "hardtanh", "Hardswish": "hardswish", "Hardsigmoid": "hardsigmoid",
    "Tanh": "tanh", "Sigmoid": "sigmoid", "LogSigmoid": "log_sigmoid", "Softmax": "softmax", "Softmin": "softmax",
    "LogSoftmax": "log_softmax", "Softmax2d": "softmax", "GLU": "glu", "Threshold": "threshold",
    "Tanhshrink": "tanhshrink", "Softshrink": "softshrink", "Hardshrink": "hardshrink",
}  # fmt: skip
"""Modules that are functions, by class name."""
SQUASHING = frozenset({"tanh", "sigmoid"})
RECURRENT = (nn.RNNBase, nn.RNNCellBase)
_WEIGHTED = (
    nn.Linear, nn.Bilinear, nn.modules.conv._ConvNd, nn.RNNBase, nn.RNNCellBase, nn.MultiheadAttention,  # noqa: SLF001 - has no public name
)  # fmt: skip
_UNWATCHED = ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout", "Identity",
              "Flatten", "Unflatten", "Sequential", "ModuleList", "ModuleDict")  # fmt: skip
_MEASURING = ("torch.nn.modules.loss", "torchmetrics.")
"""Where the classes come from that measure what a net gives, and are no part of it."""
_CHANNELS_FIRST = (nn.modules.conv._ConvNd, nn.modules.batchnorm._NormBase, nn.GroupNorm)  # noqa: SLF001 - has no public name
_VECTOR = 2
_IMAGE = 4


def unwrapped(model: nn.Module) -> nn.Module:
    """Return the module itself behind `torch.compile`, DataParallel and DistributedDataParallel."""
    while True:
        inner: Any = getattr(model, "_orig_mod", None)
        if inner is None and type(model).__name__ in ("DistributedDataParallel", "DataParallel"):
            inner = model.module
        if not isinstance(inner, nn.Module):
            return model
        model = inner


def is_compiled(model: nn.Module) -> bool:
    """Return whether `torch.compile` was applied to the module or to one inside it."""
    while True:
        if hasattr(model, "_orig_mod"):
            return True
        inner = unwrapped(model)
        if inner is model:
            break
        model = inner
    return any(getattr(m, "_compiled_call_impl", None) is not None or hasattr(m, "_orig_mod") for m in model.modules())


def is_weighted(module: nn.Module) -> bool:
    """Return whether the module mixes its inputs by a weight matrix; one of the user's own counts by its parameters."""
    if isinstance(module, _WEIGHTED):
        return True
    lazy = nn.parameter.UninitializedParameter
    own = [p for p in module.parameters(recurse=False) if not isinstance(p, lazy) and p.dim() >= _VECTOR]
    return bool(own) and not isinstance(module, (nn.Embedding, nn.EmbeddingBag))


def n_dropout_layers(model: nn.Module) -> int:
    """Count the modules that drop entries in training."""
    shares = [getattr(m, "p", getattr(m, "dropout", 0)) for m in model.modules() if _may_drop(m)]
    return sum(isinstance(share, int | float) and share > 0 for share in shares)


def _may_drop(module: nn.Module) -> bool:
    return "Dropout" in type(module).__name__ or isinstance(module, (nn.RNNBase, nn.MultiheadAttention))


def function_of(module: nn.Module) -> str:
    """Return the name of the function that a module is, "" if it is none."""
    return ACTIVATIONS.get(type(module).__name__, "")


def watched_modules(model: nn.Module, patterns: Sequence[str] | None, what: str = "layers") -> dict[str, nn.Module]:
    """Return the modules to record, by name: those of a pattern, or all that compute something of their own.

    Raise ConfigError, with "did you mean", for a pattern that matches no module; `what` is the argument it stood in.
    """
    named = dict(model.named_modules())
    if patterns is None:
        return {name: m for name, m in named.items() if name and _is_telling(m)} or {"": model}
    chosen = {name: named[name] for pattern in patterns for name in _matching(pattern, named, what)}
    return {name: named[name] for name in named if name in chosen}


def _matching(pattern: str, named: dict[str, nn.Module], what: str) -> list[str]:
    found = [name for name in named if fnmatch.fnmatchcase(name, pattern)]
    if not found:
        names = [n for n in named if n]
        raise ConfigError(
            f"{what}: no module of the model matches {pattern!r}.{did_you_mean(pattern.rstrip('.*'), names)} "
            f"It has: {listed(names, 8) or 'none'}. Patterns may hold * and ?, such as 'encoder.*'."
        )
    return found


def _is_telling(module: nn.Module) -> bool:
    if type(module).__name__ in _UNWATCHED or any(c.__module__.startswith(_MEASURING) for c in type(module).__mro__):
        return False
    if isinstance(module, (*RECURRENT, nn.MultiheadAttention)):
        return True
    return not any(True for _ in module.children()) or any(True for _ in module.parameters(recurse=False))


def chosen_parameters(model: nn.Module, patterns: Sequence[str] | None) -> dict[str, nn.Parameter]:
    """Return the parameters of the chosen modules and of all below them; a shared one once, under its first name."""
    named = dict(model.named_parameters())
    if patterns is None:
        return named
    return {n: p for n, p in named.items() if any(fnmatch.fnmatchcase(at, x) for at in _places(n) for x in patterns)}


def _places(parameter: str) -> Iterator[str]:
    """Return the modules a parameter lies in, from the root down."""
    parts = parameter.split(".")[:-1]
    yield ""
    for i in range(len(parts)):
        yield ".".join(parts[: i + 1])


def first_tensor(value: Any, *, whole: bool = False) -> torch.Tensor | None:
    """Return the first floating-point tensor in a module's output or input: tuples, lists, dicts, packed sequences.

    The first of any numbers, if `whole` ones are as good.
    """
    if isinstance(value, torch.Tensor):
        return value if whole or value.is_floating_point() else None
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, (tuple, list)):
        inside = value
    elif hasattr(value, "__dataclass_fields__"):
        inside = vars(value).values()
    for one in inside:
        found = first_tensor(one, whole=whole)
        if found is not None:
            return found
    return None


def unit_dim(module: nn.Module, output: torch.Tensor, channels: int) -> int:
    """Return the dimension of a module's output that counts its units: channels of images and signals, else the last.

    `channels` is the number of channels of the last convolution before it, 0 if there was none.
    """
    if output.dim() <= _VECTOR:
        return output.dim() - 1
    if isinstance(module, _CHANNELS_FIRST):
        return 1
    is_image = output.dim() >= _IMAGE or (channels > 0 and output.shape[1] == channels)
    return 1 if is_image and function_of(module) and channels else output.dim() - 1
