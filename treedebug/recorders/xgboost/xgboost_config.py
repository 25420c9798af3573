"""What XGBoost's own configuration of a booster says (`save_config`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from treedebug.core.params.parameter_names import number


def flattened(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the leaves of a nested configuration; of equal names the first wins, the booster's own before all."""
    flat: dict[str, Any] = {}
    queue: list[Mapping[str, Any]] = [config.get("gradient_booster", {}), config]
    while queue:
        level = queue.pop(0)
        for key, value in level.items():
            if isinstance(value, Mapping):
                queue.append(value)
            elif not isinstance(value, list):
                flat.setdefault(key, _shortest(number(value)))
    flat.pop("name", None)
    return flat


def metrics_of(config: Mapping[str, Any]) -> list[str]:
    """Return the names of the metrics that are evaluated."""
    return [str(m["name"]) for m in config.get("metrics", []) if isinstance(m, Mapping)]


def _shortest(value: Any) -> Any:
    """XGBoost keeps parameters in float32: 0.300000012 is what it makes of the user's 0.3."""
    return float(str(np.float32(value))) if isinstance(value, float) else value
