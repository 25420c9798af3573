"""What the call of `xgboost.train` says of the training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xgboost.callback import EarlyStopping


def patience_of(frame: Mapping[str, Any]) -> int | None:
    """Return the rounds of early stopping, from the argument (which XGBoost makes a callback of) or a callback."""
    found = [c.rounds for c in frame.get("callbacks") or [] if isinstance(c, EarlyStopping)]
    given = frame.get("early_stopping_rounds")
    return int(min([*found, *([given] if given else [])])) if found or given else None


def rewritten(given: Mapping[str, Any], model: Any) -> dict[str, Any]:
    """Return how many rounds the model has whose trees are rewritten, one round by another."""
    if given.get("process_type") != "update" or not hasattr(model, "num_boosted_rounds"):
        return {}
    return {"rewritten_rounds": int(model.num_boosted_rounds())}
