"""What a scheduler of PyTorch, transformers or ours says of itself, for the record and the rules on schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from treedebug.core.protocols import RateSource
from treedebug.core.run.rate_log import RateReason
from treedebug.core.run.run_data import RunData

_PATIENT = {"GreedyLR": 1, "ReduceLROnPlateau": 2}
"""Observations, beside the patience, before such a scheduler can change the rate."""


class SchedulerSource:
    """A scheduler as the recorder's source of facts; its changes get the round in which they come."""

    def __init__(self, scheduler: Any, run: RunData) -> None:
        self._scheduler = scheduler
        self._run = run
        self._initial = float(scheduler.optimizer.param_groups[0]["lr"])
        self._reasons: list[RateReason] = []
        self._n_taken = 0

    def rate_facts(self) -> Mapping[str, Any]:
        """Return the scheduler's class and numbers; bounds are those of the first group."""
        if isinstance(self._scheduler, RateSource):
            return self._scheduler.rate_facts()
        name = type(self._scheduler).__name__
        patience = getattr(self._scheduler, "patience", None)
        waits = name in _PATIENT and isinstance(patience, int)
        return {
            "schedule": name,
            "initial": self._initial,
            "min_lr": _first(getattr(self._scheduler, "min_lrs", getattr(self._scheduler, "min_lr", None))),
            "t_max": getattr(self._scheduler, "T_max", None) if name == "CosineAnnealingLR" else None,
            "max_lr": _first(getattr(self._scheduler, "max_lrs", None)),
            "watch": None,
            "watches_training": False,
            "n_rounds": None,
            "n_observed": int(getattr(self._scheduler, "last_epoch", 0)),
            "least_observations": int(patience) + _PATIENT[name] if waits and patience is not None else None,
        }

    def rate_reasons(self) -> Sequence[RateReason]:
        """Return the changes so far: those of our own schedules with their reasons."""
        if isinstance(self._scheduler, RateSource):
            known = self._scheduler.rate_reasons()
            at = self._run.n_rounds
            self._reasons += [RateReason(at, r.rate, r.why) for r in known[self._n_taken :]]
            self._n_taken = len(known)
        elif not self._reasons:
            self._reasons.append(RateReason(0, self._initial, f"{type(self._scheduler).__name__} begins"))
        return self._reasons


def _first(value: Any) -> float | None:
    found = value[0] if isinstance(value, list | tuple) and value else value
    return float(found) if isinstance(found, int | float) else None
