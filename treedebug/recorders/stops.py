"""Stopping: what an action asks of one booster, and when boosters trained together agree."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass
class StopRequest:
    """The knob of one booster (`core.protocols.Knobs`): remembers that an action asked to stop."""

    asked: bool = False
    best_round: int | None = None
    reason: str = ""

    def stop(self, *, best_round: int | None, reason: str) -> None:
        """Ask for the end of the training after this round; the first request stands."""
        if not self.asked:
            self.asked, self.best_round, self.reason = True, best_round, reason


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


def stopping_facts(frame: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """What XGBoost's early stopping (a callback of `kind`) goes by, as far as the user said."""
    own = next((c for c in frame.get("callbacks") or [] if isinstance(c, kind)), None)
    if own is None:
        return {"dataset": None, "metric": None, "maximize": frame.get("maximize")}
    return {name: getattr(own, attribute, None) for name, attribute in _STOPPING.items()}


_STOPPING = {"dataset": "data", "metric": "metric_name", "maximize": "maximize"}
