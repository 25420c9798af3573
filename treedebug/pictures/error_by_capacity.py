"""Test error over what was trained, and over the effective parameters that the test rows see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from treedebug.pictures.picture import Floats, Ints, Picture


@dataclass(frozen=True, kw_only=True, eq=False)
class ErrorByCapacity(Picture):
    """Models of growing size, then averages of the largest; columns (n_points,), in the order of training."""

    name: ClassVar[str] = "error_by_capacity"
    question: ClassVar[str] = "Does the error fall again as models grow, and are they simpler where it does?"

    size: tuple[str, ...]
    n_models: Ints
    n_leaves: Ints
    test_error: Floats
    effective_parameters: Floats
