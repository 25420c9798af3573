"""What a kind of fault is: how it is made, which codes name its cause or symptoms, how its harm is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from _fault_kind import FaultKind
from numpy.random import Generator

from _faults.jobs import Job
from _faults.tables import BINARY, COUNTS, MULTI, REGRESSION

ALL = (BINARY, MULTI, REGRESSION, COUNTS)
CLASSES = (BINARY, MULTI)

LOSS, BALANCED, TRUST, WASTE, TIME, STATED = "loss", "balanced", "trust", "waste", "time", "stated"
"""How the harm is shown; see `harm.py`."""

Inject = Callable[[Job, bool, Generator], None]


@dataclass(frozen=True)
class Kind(FaultKind):
    symptoms: frozenset[str]
    tasks: tuple[str, ...]
    harm: str
    why_kept: str
    needs_data: bool
    """Nothing that a run records tells this from a sound training: only a look at the rows does."""


KINDS: dict[str, Kind] = {}
TWINS: dict[str, Inject] = {}
"""Kinds whose healthy twin is not the plain one: what is done to the twin instead (same rows, handled well)."""


def fault(
    about: str,
    right: str,
    symptoms: str = "",
    *,
    tasks: tuple[str, ...] = ALL,
    harm: str = LOSS,
    why_kept: str = "",
    twin: Inject | None = None,
    needs_data: bool = False,
) -> Callable[[Inject], Inject]:
    """Register an injection under its function's name."""

    def register(inject: Inject) -> Inject:
        name = inject.__name__.replace("_", "-")
        codes, others = frozenset(right.split()), frozenset(symptoms.split())
        KINDS[name] = Kind(name, inject, about, codes, others - codes, tasks, harm, why_kept, needs_data)
        if twin is not None:
            TWINS[name] = twin
        return inject

    return register
