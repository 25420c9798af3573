"""Values of a parameter that the library refuses, and devices that it does not find."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from treedebug.core.params.parameter_names import canonical_name, native_name, number
from treedebug.core.phrases import figure, listed
from treedebug.rules.params._lightgbm_refusals import refused_by_lightgbm
from treedebug.signals.params.parameter_view import Params

TAKEN: dict[str, dict[str, tuple[str, ...]]] = {
    "xgboost": {
        "tree_method": ("auto", "exact", "approx", "hist"),
        "booster": ("gbtree", "gblinear", "dart"),
        "grow_policy": ("depthwise", "lossguide"),
        "sampling_method": ("uniform", "gradient_based"),
        "multi_strategy": ("one_output_per_tree", "multi_output_tree"),
        "sample_type": ("uniform", "weighted"),
        "normalize_type": ("tree", "forest"),
        "feature_selector": ("cyclic", "shuffle", "random", "greedy", "thrifty"),
        "process_type": ("default", "update"),
    },
    "lightgbm": {
        "data_sample_strategy": ("bagging", "goss"),
        "monotone_constraints_method": ("basic", "intermediate", "advanced"),
    },
}
"""Parameters of a few words, each library's own; others are not judged."""
_SHARE, _ABOVE = (0.0, 1.0), (0.0, math.inf)
BOUNDS: dict[str, tuple[float, float]] = {
    "gamma": _ABOVE, "min_split_gain": _ABOVE, "min_child_weight": _ABOVE, "reg_lambda": _ABOVE, "reg_alpha": _ABOVE,
    "max_delta_step": _ABOVE, "learning_rate": _ABOVE, "subsample": _SHARE, "colsample_bytree": _SHARE,
    "colsample_bylevel": _SHARE, "colsample_bynode": _SHARE, "rate_drop": _SHARE, "skip_drop": _SHARE,
    "min_child_samples": _ABOVE, "num_leaves": (2.0, math.inf),
}  # fmt: skip
"""Least and largest value that both libraries take, by canonical name."""
_GPU = ("cuda", "gpu")


def refused(params: Params, *, newer: bool) -> Iterator[tuple[str, str]]:
    """Yield the names given whose value the library refuses, each with what it takes."""
    taken, told = TAKEN.get(params.library, {}), set()
    if params.library == "lightgbm":
        for name, why in refused_by_lightgbm(params, newer=newer):
            told.add(name)
            yield name, why
    for name, value in params.given.items():
        if name not in told:
            yield from _beyond(params.library, name, value)
        words = taken.get(native_name(name, params.library)) or taken.get(canonical_name(name, params.library))
        if words is None or not isinstance(value, str) or value in words:
            continue
        gone = f"; say tree_method={value.removeprefix('gpu_')} and device=cuda" if value.startswith("gpu_") else ""
        yield name, f"{params.library} refuses {name}={value!r}: it takes {listed(words, 9)}{gone}"


def _beyond(library: str, name: str, value: Any) -> Iterator[tuple[str, str]]:
    low, high = BOUNDS.get(canonical_name(name, library), (-math.inf, math.inf))
    amount = number(value)
    if isinstance(amount, int | float) and not low <= amount <= high:
        bounds = f"{figure(low)} or more" if math.isinf(high) else f"{figure(low)} to {figure(high)}"
        yield name, f"{library} refuses {name}={amount!r}: it takes {bounds}"


def without_device(params: Params) -> str:
    """Return the device that was asked for where XGBoost trains on the CPU all the same; "" if there is no such."""
    asked = str(params.given.get("device") or "")
    used = str(params.effective.get("device") or "")
    return asked if params.library == "xgboost" and asked.startswith(_GPU) and used == "cpu" else ""
