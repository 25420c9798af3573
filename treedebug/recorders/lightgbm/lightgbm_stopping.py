"""What LightGBM's early stopping goes by: patience, metrics, and the improvement that counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from treedebug.core.params.parameter_names import canonical_name
from treedebug.recorders.lightgbm.lightgbm_metrics import as_float


def stopping_fields(params: Mapping[str, Any], frame: Mapping[str, Any]) -> dict[str, Any]:
    """Return the header's fields of early stopping, from the parameters and the user's own callback."""
    return {
        "early_stopping_rounds": _patience(params, frame),
        "stopping": {"first_metric_only": _first_metric_only(params, frame), "min_delta": _min_delta(params, frame)},
    }


def _patience(params: Mapping[str, Any], frame: Mapping[str, Any]) -> int | None:
    """Rounds of early stopping, from the parameters or from the user's own callback."""
    found = [int(c.stopping_rounds) for c in frame.get("callbacks_after_iter") or [] if hasattr(c, "stopping_rounds")]
    for name, value in params.items():
        if canonical_name(str(name), "lightgbm") == "early_stopping_round" and isinstance(value, int):
            found.append(value)
    return min((n for n in found if n > 0), default=None)


def _min_delta(params: Mapping[str, Any], frame: Mapping[str, Any]) -> float | None:
    """The least improvement that early stopping counts; the largest, where there is one for each metric."""
    own = [c.min_delta for c in frame.get("callbacks_after_iter") or [] if hasattr(c, "min_delta")]
    told = [*own, params.get("early_stopping_min_delta")]
    found = [as_float(d) for one in told if one is not None for d in (one if isinstance(one, list) else [one])]
    return max((d for d in found if d > 0), default=None)


def _first_metric_only(params: Mapping[str, Any], frame: Mapping[str, Any]) -> bool:
    """Return whether early stopping goes by the first metric alone, as the user's callback or the parameters say."""
    own = [c for c in frame.get("callbacks_after_iter") or [] if hasattr(c, "stopping_rounds")]
    return any(bool(getattr(c, "first_metric_only", False)) for c in own) or bool(params.get("first_metric_only"))
