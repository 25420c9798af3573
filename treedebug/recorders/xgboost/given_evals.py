"""The eval sets that a user hands to the callback, checked before anything is trained."""

from __future__ import annotations

from typing import Any

import xgboost

from treedebug.core.errors import ConfigError


def checked_evals(evals: Any) -> list[tuple[Any, str]]:
    """Return the pairs. Raise ConfigError for anything but pairs of a DMatrix and its name."""
    try:
        pairs = [(matrix, name) for matrix, name in evals]
    except (TypeError, ValueError):
        pairs = [(None, "")]
    if not all(isinstance(matrix, xgboost.DMatrix) and isinstance(name, str) for matrix, name in pairs):
        raise ConfigError(
            "evals takes pairs of a DMatrix and its name, such as [(dtrain, 'train'), (dvalid, 'valid')]; "
            f"got {_kinds(evals)}"
        )
    return pairs


def _kinds(evals: Any) -> str:
    """Say "[(ndarray, str)]": data itself would fill the screen."""
    if isinstance(evals, list | tuple):
        named = ", ".join(_kinds(one) for one in evals[:3])
        return f"({named})" if isinstance(evals, tuple) else f"[{named}]"
    return type(evals).__name__
