"""What was seen of each sampled step as a whole: the loss, the labels of the batch, the modes, the input."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.tensor_streams import INPUT, LABELS, LOSS, MODE, Floats, Integers, TensorLog, TensorSeries
from treedebug.core.run.class_log import ClassLog
from treedebug.core.run.eval_log import EvalLog, looks_like_training
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing


@dataclass(frozen=True, eq=False)
class StepLoss:
    """The training loss of each sampled step. Arrays (n,), n >= 1; values may be NaN or infinite."""

    steps: Integers
    values: Floats

    @classmethod
    def measure(cls, log: TensorLog) -> Self:
        """Raise Missing where no loss was seen."""
        series = log.series("", LOSS, "value")
        if not len(series.steps):
            raise Missing("the training loss was not seen: log it, `recorder.log('train', loss=loss)`")
        return cls(series.steps, series.values)

    def left(self, steps: Integers) -> Floats:
        """Return the loss at these steps (the latest known), as a share of the first one, (n,)."""
        at = np.clip(np.searchsorted(self.steps, steps, side="right") - 1, 0, len(self.steps) - 1)
        first = abs(float(self.values[0]))
        return np.asarray(self.values[at] / first if first > 0 else np.ones(len(at)))


@dataclass(frozen=True, eq=False)
class LabelMix:
    """How mixed the classes of a batch are. `shares` (n,): entropy of its labels over that of all training labels."""

    steps: Integers
    rounds: Integers
    shares: Floats
    whole: float
    """Entropy of all training labels, in nats, or of all that were seen."""

    @classmethod
    def measure(cls, log: TensorLog, classes: ClassLog, header: Header) -> Self:
        """Raise Missing where the labels were not seen or there is one class only."""
        series = log.series("", LABELS, "entropy")
        known = np.isfinite(series.values)
        whole = max((_entropy(c) for c in _label_counts(classes, header)), default=0.0)
        if not known.any() or whole <= 0:
            raise Missing("the labels of the batches were not seen, or are not classes")
        return cls(series.steps[known], series.rounds[known], series.values[known] / whole, whole)


def _label_counts(classes: ClassLog, header: Header) -> list[Floats]:
    """Count rows of each class in the training data where known, else in all its batches that were seen."""
    seen = [r.confusion.sum(axis=1) for r in classes if looks_like_training(r.dataset)]
    counts = (header.training_label() or {}).get("counts")
    known = list(counts.values() if isinstance(counts, dict) else counts) if counts else []
    return [np.asarray(known, dtype=np.float64)] if known else [np.sum(seen, axis=0, dtype=np.float64)] if seen else []


def _entropy(counts: Floats) -> float:
    share = counts[counts > 0] / max(float(counts.sum()), 1.0)
    return float(-(share * np.log(share)).sum())


def _seen(classes: ClassLog, evals: EvalLog) -> Floats:
    """Count rows of each class in all training batches that were seen."""
    seen = [r.confusion.sum(axis=1) for r in classes if evals.is_training(r.dataset)]
    total = np.zeros(max((len(c) for c in seen), default=0))
    for counts in seen:
        total[: len(counts)] += counts
    return total


@dataclass(frozen=True, eq=False)
class Modes:
    """Share of forward passes in the wrong mode, by sampled step; NaN where unknown. Arrays (n,)."""

    rounds: Integers
    training_in_eval: Floats
    """Of the passes with gradients, those in evaluation mode."""
    evaluating_in_train: Floats
    """Of the passes without gradients, those in training mode."""

    @classmethod
    def measure(cls, log: TensorLog) -> Self:
        """Raise Missing where modes were not recorded."""
        one, other = (log.series("", MODE, s) for s in ("eval_mode_share", "train_mode_share"))
        if not len(one.steps):
            raise Missing("the modes of the forward passes were not recorded")
        both = np.full(len(one.steps), np.nan)
        at = np.searchsorted(one.steps, other.steps)
        inside = at < len(both)
        both[at[inside]] = other.values[inside]
        return cls(one.rounds, one.values, both)


@dataclass(frozen=True)
class InputScale:
    """Scale of the net's floating-point input: medians over the sampled batches, and of the last evaluation."""

    mean: float
    std: float
    n_steps: int
    evaluation_mean: float = math.nan
    evaluation_std: float = math.nan

    @classmethod
    def measure(cls, log: TensorLog) -> Self:
        """Raise Missing for whole-number inputs, or where none was seen."""
        std = _typical(log.series("", INPUT, "var")) ** 0.5
        mean = _typical(log.series("", INPUT, "mean"))
        if math.isnan(std):
            raise Missing("the net's input was not seen, or is not a floating-point tensor")
        n = len(log.series("", INPUT, "var").steps)
        other = _typical(log.series("evaluation", INPUT, "var")) ** 0.5
        return cls(mean, std, n, _typical(log.series("evaluation", INPUT, "mean")), other)


def _typical(series: TensorSeries) -> float:
    known = series.values[np.isfinite(series.values)]
    return float(np.median(known)) if len(known) else math.nan
