"""What cannot be recorded, said before training: one clear error each."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType
from typing import Any

import torch
from torch import nn

from treedebug.core.errors import ConfigError
from treedebug.reports.phrasing import one_line

_PAIR = 2
_KERNEL_ROWS = (8, 1024)


def check_arguments(model: Any, optimizer: Any, criterion: Any) -> list[torch.optim.Optimizer]:
    """Return the optimisers as a list. Raise ConfigError for a wrong type, or an optimiser of another model."""
    if not isinstance(model, nn.Module):
        raise ConfigError(f"model must be a torch.nn.Module, the net itself; got {described(model)}")
    if criterion is not None and not isinstance(criterion, nn.Module):
        raise ConfigError(
            f"criterion must be the loss as a module, such as nn.CrossEntropyLoss(); got {described(criterion)}. Of a "
            "function, log its value: recorder.log('train', loss=loss)"
        )
    params = {id(p): n for n, p in model.named_parameters()}
    if not params:
        raise ConfigError(
            f"the model ({type(model).__name__}) has no parameters: there is nothing to train or to record"
        )
    given = optimizer if isinstance(optimizer, list | tuple) else [optimizer]
    optimizers = list({id(one): one for one in given}.values())
    if not optimizers:
        raise ConfigError("expected an optimizer, or a list of them; got an empty one")
    for one in optimizers:
        if not isinstance(one, torch.optim.Optimizer):
            raise ConfigError(
                "optimizer must be a torch.optim.Optimizer, such as torch.optim.Adam(model.parameters()), or a list of "
                f"them; got {described(one)}"
            )
        held = [p for group in one.param_groups for p in group["params"]]
        if not any(id(p) in params for p in held):
            raise ConfigError(
                f"the {type(one).__name__} holds none of the model's {len(params)} parameters: it is the optimizer of "
                "another model, or was made before the model's parameters were replaced (make it after .to(), and of "
                "model.parameters())"
            )
    return optimizers


def is_other_rank() -> bool:
    """Return whether this is one of several processes of a training, and not the one that writes (rank 0)."""
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        return bool(distributed.get_rank() != 0)
    rank, size = os.environ.get("RANK", "0"), os.environ.get("WORLD_SIZE", "1")
    return rank.isdigit() and size.isdigit() and int(rank) > 0 and int(size) > 1


def check_count(what: str, value: Any) -> None:
    """Raise ConfigError unless the value is a positive whole number, or None."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise ConfigError(f"{what} must be a whole number >= 1, or None; got {described(value)}")


def check_dataset(method: str, dataset: Any) -> None:
    """Raise ConfigError unless the dataset is a text."""
    if not isinstance(dataset, str):
        raise ConfigError(f"{method} takes the dataset's name first: {method}('valid', ...); got {described(dataset)}")


def check_number(name: str, value: Any) -> None:
    """Raise ConfigError if `log` cannot read the value as a number."""
    if isinstance(value, float):
        return
    if isinstance(value, torch.Tensor):
        if value.numel() != 1:
            raise ConfigError(
                f"log takes numbers: {name} is a tensor of shape {tuple(value.shape)}; reduce it first ({name}.mean())"
            )
        if value.is_complex() or value.is_meta:
            raise ConfigError(f"log takes numbers: {name} is {described(value)}")
        return
    try:
        float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(f"log takes numbers: {name} is {described(value)}") from error


def check_tokens(tokens: Any) -> tuple[int, ...] | None:
    """Return the tokens to watch. Raise ConfigError unless they are whole numbers."""
    if tokens is None:
        return None
    given = tuple(tokens) if isinstance(tokens, Sequence) and not isinstance(tokens, str) else (tokens,)
    if any(isinstance(t, bool) or not isinstance(t, int) for t in given):
        raise ConfigError(f"tokens takes whole numbers, such as tokens=[0]; got {described(tokens)}")
    return given


def check_named(what: str, names: Any) -> None:
    """Raise ConfigError unless the names are a list, for instance if one name stands alone."""
    if names is not None and (isinstance(names, str) or not _are_texts(names)):
        raise ConfigError(
            f'{what} takes a list of names or patterns, such as {what}=["encoder.*"]; got {described(names)}'
        )


def check_headroom(loss: Any, optimizers: Sequence[Any]) -> None:
    """Raise ConfigError unless `headroom` can be called, and one optimiser alone makes the steps."""
    if loss is None:
        return
    if not callable(loss):
        raise ConfigError(
            "headroom takes a function that returns the loss of the present batch once more, such as "
            f"headroom=lambda: criterion(model(x), y); got {described(loss)}"
        )
    if len(optimizers) > 1:
        raise ConfigError(f"headroom is measured for one optimiser; this training has {len(optimizers)}")


def check_kernel(given: Any) -> tuple[torch.Tensor, Any] | None:
    """Return the rows to look at and their labels, if any. Raise ConfigError unless they are 8 to 1,024 rows."""
    if given is None:
        return None
    rows, labels = given if isinstance(given, tuple | list) and len(given) == _PAIR else (given, None)
    if not isinstance(rows, torch.Tensor) or not rows.dim() or not _KERNEL_ROWS[0] <= len(rows) <= _KERNEL_ROWS[1]:
        got = f"{len(rows):,} rows" if isinstance(rows, torch.Tensor) and rows.dim() else described(rows)
        raise ConfigError(
            f"kernel takes 8 to 1,024 rows that no step trains on, a tensor X or a pair (X, y); got {got}"
        )
    if labels is not None and len(labels) != len(rows):
        raise ConfigError(f"kernel=(X, y): X has {len(rows):,} rows, and y has {len(labels):,}")
    return rows, labels


def check_directions(directions: Any) -> None:
    """Raise ConfigError unless each metric has True or False."""
    if directions is not None and (
        not isinstance(directions, Mapping) or not all(isinstance(v, bool) for v in directions.values())
    ):
        raise ConfigError(
            f'higher_is_better says True or False of each metric, such as {{"accuracy": True}}; '
            f"got {described(directions)}"
        )


def _are_texts(names: Any) -> bool:
    return isinstance(names, Collection) and all(isinstance(n, str) for n in names)


def described(value: Any) -> str:
    """Return what came, in words for a message."""
    if isinstance(value, torch.Tensor):
        return f"a tensor of {value.dtype}" + (" on the meta device" if value.is_meta else "")
    if isinstance(value, type):
        return f"the class {value.__name__}, not an object of it"
    if isinstance(value, FunctionType | BuiltinFunctionType):
        return f"the function {value.__name__}"
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}" if kind.__module__ != "builtins" else one_line(repr(value))[:80]
