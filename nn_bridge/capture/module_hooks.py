"""Hooks that can be pickled and copied with the module they hang on: a copy of a model is not recorded."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import torch


class Hook:
    """Calls `function` with what the module calls it with, but not while the module is traced or transformed.

    `torch.compile` and `torch.jit.trace` would take what it does for a part of the net. Within `torch.func` (`grad`,
    `vmap`) tensors have no numbers to look at, and the pass is none of the training's.
    A pickled or copied model gets a hook that does nothing, made of the standard library: it loads anywhere.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any) -> Any:
        """Pass the call on. What the function returns counts: torch takes it for a change, so most return None."""
        return None if _is_traced() else self._function(*args)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as a function of any arguments that returns None."""
        return getattr, (contextlib.nullcontext(), "__exit__")


def _is_traced() -> bool:
    return (
        torch.compiler.is_compiling()
        or torch._C._are_functorch_transforms_active()  # noqa: SLF001 - has no public name
        or torch._C._get_tracing_state() is not None  # noqa: SLF001 - torch.jit.is_tracing is slower
    )


Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def before_update(args: tuple[Any, ...], named: dict[str, Any], look: Callable[[], Any]) -> Arguments | None:
    """Look now; or, where a closure computes the gradients within the step, after its first call.

    Return what is then to be passed to the step: its arguments (the optimiser first) with a closure that looks.
    """
    closure = args[1] if len(args) > 1 else named.get("closure")
    if closure is None:
        look()
        return None
    pending = [look]

    @functools.wraps(closure)
    def looking(*given: Any, **more: Any) -> Any:
        result = closure(*given, **more)
        if pending:
            pending.pop()()
        return result

    return ((args[0], looking, *args[2:]), named) if len(args) > 1 else (args, {**named, "closure": looking})
