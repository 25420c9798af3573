"""What a kind of fault is: how it is made, which codes name its cause, where it fits, how its harm is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from _fault_kind import FaultKind
from numpy.random import Generator

from _nn.jobs import Job

ALL = ("mlp", "cnn", "rnn", "transformer")
LOSS, ERROR, BALANCED, TRUST, STATED = "loss", "error", "balanced", "trust", "stated"
"""How the harm is shown; see `harm.py`."""

Inject = Callable[[Job, Generator], None]


@dataclass(frozen=True)
class Kind(FaultKind):
    nets: tuple[str, ...]
    recipe: str
    harm: str
    twin: Inject | None
    raw: bool
    """The data are not scaled beforehand."""


KINDS: dict[str, Kind] = {}


def fault(
    about: str,
    right: str,
    *,
    nets: tuple[str, ...] = ALL,
    recipe: str = "sgd",
    harm: str = LOSS,
    twin: Inject | None = None,
    raw: bool = False,
) -> Callable[[Inject], Inject]:
    """Register an injection under its function's name. `twin`: what is done to the healthy twin instead."""

    def register(inject: Inject) -> Inject:
        name = inject.__name__.replace("_", "-")
        KINDS[name] = Kind(name, inject, about, frozenset(right.split()), nets, recipe, harm, twin, raw)
        return inject

    return register
