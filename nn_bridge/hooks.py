"""Hooks that can be pickled and copied with the module they hang on: a copy of a model is not recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import torch


class Hook:
    """Calls `function` with what the module calls it with, but not while `torch.compile` traces the module.

    A pickled or copied model gets a hook that does nothing, made of the standard library: it loads anywhere.
    """

    def __init__(self, function: Callable[..., None]) -> None:
        self._function = function

    def __call__(self, *args: Any) -> None:
        """Pass the call on."""
        if not torch.compiler.is_compiling():
            self._function(*args)

    def __reduce__(self) -> tuple[Any, ...]:
        """As a function of any arguments that returns None."""
        return getattr, (contextlib.nullcontext(), "__exit__")
