"""Loss and accuracy on validation data, since the loss was best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from treedebug.core.run.eval_log import EvalLog
from treedebug.engine.resolve import Missing

_ACCURACIES = ("accuracy", "acc", "balanced_accuracy", "top1")
_WIDTH = 3


@dataclass(frozen=True)
class LossAndAccuracy:
    """Means over three rounds at both ends."""

    dataset: str
    best_round: int
    last_round: int
    wait: int
    """Rounds since the loss was best."""
    best_loss: float
    last_loss: float
    accuracy_then: float
    accuracy_now: float

    @classmethod
    def measure(cls, log: EvalLog, facts: NetFacts) -> Self:
        """Raise Missing without loss and accuracy of the same rounds on validation data."""
        curves = {(c.dataset, c.metric): c for c in log if not log.is_training(c.dataset)}
        pairs = [(curves[d, "loss"], c) for (d, m), c in curves.items() if m in _ACCURACIES and (d, "loss") in curves]
        if not pairs or not facts.is_complete:
            raise Missing("needs loss and accuracy on validation data: log('valid', loss=..., accuracy=...)")
        loss, accuracy = pairs[-1]
        rounds, left, right = np.intersect1d(loss.rounds, accuracy.rounds, return_indices=True)
        values, shares = loss.values[left], accuracy.values[right]
        known = np.isfinite(values) & np.isfinite(shares)
        if known.sum() < _WIDTH:
            raise Missing(f"needs {_WIDTH} evaluations with a finite loss")
        rounds, values, shares = rounds[known], values[known], shares[known]
        at = int(values.argmin())
        then, now = slice(max(at - 1, 0), at + 2), slice(-_WIDTH, None)
        return cls(
            loss.dataset, int(rounds[at]), int(rounds[-1]), len(rounds) - 1 - at, float(values[at]),
            float(values[now].mean()), float(shares[then].mean()), float(shares[now].mean()),
        )  # fmt: skip

    @property
    def fall(self) -> float:
        """How far accuracy fell since the loss was best; negative where it rose."""
        return self.accuracy_then - self.accuracy_now
