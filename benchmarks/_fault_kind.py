"""What every kind of fault has, of boosters and of networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FaultKind:
    name: str
    inject: Callable[..., Any]
    about: str
    right: frozenset[str]
    """Codes that name the cause, or the symptom by which such a cause is known."""
