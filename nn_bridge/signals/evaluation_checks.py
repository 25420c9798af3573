"""Whether an evaluation depends on chance, on the other rows, or on statistics that lag behind."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import OUTPUT, TensorLog
from treedebug.core.run.eval_log import EvalLog, RoundLog
from treedebug.engine.resolve import Missing


@dataclass(frozen=True)
class RowInfluence:
    """How far the output of a row changes when half of its batch is left out, over the spread of the outputs."""

    change: float

    @classmethod
    def measure(cls, log: TensorLog) -> Self:
        """Raise Missing if `nn_bridge.check` did not compare."""
        return cls(_last(log, "row_influence", "only nn_bridge.check compares rows alone and in a batch"))


@dataclass(frozen=True)
class EvaluationNoise:
    """How far two evaluations of the same rows differ, over the spread of the outputs."""

    change: float

    @classmethod
    def measure(cls, log: TensorLog) -> Self:
        """Raise Missing if no evaluation was repeated."""
        return cls(_last(log, "evaluation_noise", "no functional dropout was seen: evaluations are not repeated"))


def _last(log: TensorLog, statistic: str, missing: str) -> float:
    values = log.series("", OUTPUT, statistic).values
    if not len(values) or not math.isfinite(values[-1]):
        raise Missing(missing)
    return float(values[-1])


@dataclass(frozen=True)
class StatisticsLag:
    """How much of the running statistics of batch norm is still their start."""

    layers: tuple[str, ...]
    """The layers of the smallest momentum."""
    momentum: float
    n_steps: int
    gap: float
    """Last validation loss over the last training loss; 1 where either is unknown."""

    @classmethod
    def measure(cls, facts: NetFacts, timing: RoundLog, log: EvalLog) -> Self:
        """Raise Missing without a batch norm that keeps statistics in training."""
        rates = {x.name: m for x in facts.layers if x.type.startswith("BatchNorm") and (m := _momentum(x.settings)) > 0}
        if not rates or not len(timing.iterations):
            raise Missing("the network has no batch norm that keeps running statistics")
        least = min(rates.values())
        layers = tuple(name for name, m in rates.items() if m == least)
        return cls(layers, least, int(timing.iterations[-1]), _gap(log))

    @property
    def left(self) -> float:
        """Share of the statistics that is still their start."""
        return float((1.0 - self.momentum) ** self.n_steps)


def _momentum(settings: object) -> float:
    known = settings if isinstance(settings, dict) else {}
    momentum = known.get("momentum")
    return float(momentum) if isinstance(momentum, int | float) and known.get("track_running_stats", True) else 0.0


def _gap(log: EvalLog) -> float:
    curves = [c for c in log if c.metric == "loss" and len(c.values)]
    train = [float(c.values[-1]) for c in curves if log.is_training(c.dataset)]
    valid = [float(c.values[-1]) for c in curves if not log.is_training(c.dataset)]
    return valid[-1] / train[0] if train and valid and train[0] > 0 else 1.0
