"""Callbacks that end a training early: no hope of catching up, or no time left."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

_EVERY = 10
_FEWEST = 40
_WINDOW = 0.25


class Pace:
    """Watches a falling curve. A curve of boosting flattens: it will not fall faster than it does now."""

    def __init__(self, leader: float, rounds: int, deadline: float | None) -> None:
        self.leader, self.rounds, self.deadline = leader, rounds, deadline
        self.reason = ""

    def is_over(self, curve: Sequence[float]) -> bool:
        """Return whether to stop after the rounds whose values are given, lower being better."""
        n = len(curve)
        if self.deadline is not None and time.monotonic() > self.deadline:
            self.reason = f"the time was up after {n} rounds"
        elif n >= _FEWEST and n % _EVERY == 0 and min(curve) > self.leader:  # false without a leader, NaN
            window = max(20, int(_WINDOW * n))
            slope = (curve[-1] - curve[-1 - window]) / window if n > window else -float("inf")
            if curve[-1] + min(slope, 0.0) * (self.rounds - n) > self.leader:
                self.reason = f"after {n} rounds it was falling too slowly to catch up with the best trial"
        return bool(self.reason)


def xgboost_pace(pace: Pace) -> Any:
    """Return the pace as XGBoost's callback, of the last dataset and metric."""
    from xgboost.callback import TrainingCallback  # noqa: PLC0415 - an optional library

    class _Pace(TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - XGBoost names them
            curves = list(evals_log.values())[-1]
            return pace.is_over(list(curves.values())[-1])

    return _Pace()


def lightgbm_pace(pace: Pace) -> Any:
    """Return the pace as LightGBM's callback, of the first metric."""
    from lightgbm.callback import EarlyStopException  # noqa: PLC0415 - an optional library

    curve: list[float] = []
    best: list[tuple[int, Any]] = []

    def callback(env: Any) -> None:
        result = env.evaluation_result_list
        curve.append(float(result[0][2]))
        if not best or curve[-1] < curve[best[0][0]]:
            best[:] = [(len(curve) - 1, result)]
        if pace.is_over(curve):
            raise EarlyStopException(*best[0])

    callback.order = 40  # type: ignore[attr-defined]
    return callback
