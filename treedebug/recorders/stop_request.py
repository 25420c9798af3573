"""Stopping: when boosters trained together agree, and what XGBoost's own early stopping goes by."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from treedebug.core.protocols import StopRequest


def agreed_stop(requests: Sequence[StopRequest]) -> StopRequest | None:
    """The request to act on: the booster's own, or in `cv`, where folds stop together, that of most of them.

    Then the median of their best rounds counts.
    """
    asked = [r for r in requests if r.asked]
    if 2 * len(asked) <= len(requests):
        return None
    known = [r.best_round for r in asked if r.best_round is not None]
    best = int(statistics.median_low(known)) if known else None
    return StopRequest(asked=True, best_round=best, reason=asked[0].reason)


def stopping_facts(frame: Mapping[str, Any], kind: type, *, in_wrapper: bool = False) -> dict[str, Any]:
    """What XGBoost's early stopping (a callback of `kind`) goes by, as far as the user said.

    `uses_best`: what predicts afterwards cuts the booster at its best round, as the scikit-learn wrappers do.
    """
    own = next((c for c in frame.get("callbacks") or [] if isinstance(c, kind)), None)
    facts = {"uses_best": in_wrapper or bool(getattr(own, "save_best", False))}
    if own is None:
        return {"dataset": None, "metric": None, "maximize": frame.get("maximize"), **facts}
    return {name: getattr(own, attribute, None) for name, attribute in _STOPPING.items()} | facts


_STOPPING = {"dataset": "data", "metric": "metric_name", "maximize": "maximize", "min_delta": "_min_delta"}
