"""How the training loss and the validation loss of a classification part."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import MODE, Floats, Integers, TensorLog
from treedebug.core.run.eval_log import EvalLog, EvalSeries, RoundLog
from treedebug.engine.resolve import Missing

_WIDTH = 3
_OF_CLASSES = ("cross_entropy", "nll", "bce", "bce_with_logits")
"""Two of these also serve several labels a row: there the number of classes is unknown, and nothing is measured."""


@dataclass(frozen=True, eq=False)
class LossFit:
    """The loss on training and validation data by round, both in units of a guess, ln(n_classes). Arrays (n,), n >= 2.

    Each value is the median of three rounds, so that one outlier moves nothing.
    """

    dataset: str
    rounds: Integers
    train: Floats
    valid: Floats
    guess: float
    newest: float
    """The last validation loss as it is, in guesses."""
    n_valid: float
    """Rows of an evaluation; infinite where unknown."""

    @classmethod
    def measure(cls, log: EvalLog, facts: NetFacts, timing: RoundLog, tensors: TensorLog) -> Self:
        """Raise Missing without a mean cross-entropy on both, and where the optimiser made no step."""
        curves = [c for c in log if c.metric == "loss"]
        train = next((c for c in curves if log.is_training(c.dataset)), None)
        valid = next((c for c in reversed(curves) if not log.is_training(c.dataset)), None)
        loss = facts.loss
        if len(timing.iterations) and timing.iterations[-1] <= 1:  # a forward pass at the end counts as one
            raise Missing("the optimiser was not seen to step: nothing was trained, as far as is known")
        if train is None or valid is None:
            raise Missing(
                "needs the loss on training and validation data: log('train', loss=...), log('valid', loss=...)"
            )
        if loss.function not in _OF_CLASSES or loss.reduction != "mean" or loss.n_classes <= 1:
            raise Missing("the loss is not the mean cross-entropy of classes")
        rounds, ours, theirs = _common(train, valid)
        if len(rounds) < _WIDTH:
            raise Missing(f"needs {_WIDTH} evaluations with a finite loss")
        guess = math.log(loss.n_classes)
        newest = float(theirs[-1]) / guess
        n_valid = _evaluation_rows(tensors)
        return cls(valid.dataset, rounds[1:-1], _smooth(ours) / guess, _smooth(theirs) / guess, guess, newest, n_valid)

    @property
    def best(self) -> int:
        """Position of the best validation loss."""
        return int(self.valid.argmin())

    @property
    def rise(self) -> float:
        """How far the validation loss rose since its best, in guesses; its newest value may be back there."""
        return max(float(min(self.valid[-1], self.newest) - self.valid[self.best]), 0.0)

    @property
    def lost(self) -> float:
        """Share of what was ever gained on a guess that is lost again since the best; infinite where nothing was."""
        gained = 1.0 - float(self.valid[self.best])
        return self.rise / gained if gained > 0 else math.inf

    @property
    def learned_since(self) -> float:
        """How far the training loss fell since then, in guesses."""
        return float(self.train[self.best] - self.train[-1])


def is_harder(facts: NetFacts) -> bool:
    """Return whether training is harder than validation: by dropout, mixup, smoothed labels, weights."""
    drops = any("Dropout" in x.type and (x.settings or {}).get("p") for x in facts.layers)
    return drops or facts.loss.has_functional_dropout or not facts.loss.is_plain


def _evaluation_rows(log: TensorLog) -> float:
    values = log.series("", MODE, "evaluation_rows").values
    known = values[values > 0]
    return float(np.median(known)) if len(known) else math.inf


def _common(train: EvalSeries, valid: EvalSeries) -> tuple[Integers, Floats, Floats]:
    rounds, left, right = np.intersect1d(train.rounds, valid.rounds, return_indices=True)
    ours, theirs = train.values[left], valid.values[right]
    whole = np.isfinite(ours) & np.isfinite(theirs)
    return rounds[whole], ours[whole], theirs[whole]


def _smooth(values: Floats) -> Floats:
    return np.asarray(np.median(np.stack([values[:-2], values[1:-1], values[2:]]), axis=0))
