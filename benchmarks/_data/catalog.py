"""What a kind of planted fault is: how it is made, which code names it, and how it is shown to be there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

from _data.cases import Case
from _data.table import Table

Plant = Callable[[Case, bool, Generator], None]
"""Changes the case in place; raises Unfit where the fault cannot be made or is not there."""


@dataclass(frozen=True)
class Kind:
    """`right` names the fault; `beside` are codes that a fault of this kind rightly sets off as well."""

    name: str
    plant: Plant
    about: str
    right: frozenset[str]
    beside: frozenset[str]
    fits: Callable[[Table], bool]
    is_told: bool = False
    """Worth knowing, and no fault: info is found as well."""


KINDS: dict[str, Kind] = {}


def ordinary(table: Table) -> bool:
    """No sequences of tokens."""
    return not table.tokens


def classes(table: Table) -> bool:
    return ordinary(table) and table.is_classes


def amounts(table: Table) -> bool:
    return ordinary(table) and not table.is_classes


def planted(
    about: str, right: str, beside: str = "", *, fits: Callable[[Table], bool] = ordinary, is_told: bool = False
) -> Callable[[Plant], Plant]:
    """Register a fault under its function's name."""

    def register(plant: Plant) -> Plant:
        name = plant.__name__.replace("_", "-")
        codes, others = frozenset(right.split()), frozenset(beside.split())
        KINDS[name] = Kind(name, plant, about, codes, others - codes, fits, is_told)
        return plant

    return register
