"""Classes: how the labels are spread, and what the model makes of each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.phrases import OF_ONE_WORKER
from treedebug.core.run.class_log import ClassLog, ClassRecord
from treedebug.core.run.eval_log import EvalLog
from treedebug.core.run.round_schedule import is_check_round
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.curves.described_header import Described
from treedebug.signals.curves.metric_facts import class_counts, class_weights

NOT_CLASSES = "the labels are not classes (needs a classification objective)"


@dataclass(frozen=True, eq=False)
class LabelBalance:
    """Rows and weight of each class in the training labels. Arrays have shape (n_classes,)."""

    counts: NDArray[np.float64]
    weighted_share: NDArray[np.float64]

    @classmethod
    def measure(cls, known: Described) -> Self:
        """Measure from the label summary of the training data. Raise Missing for regression."""
        label = known.header.training_label()
        counts, weights = class_counts(label), class_weights(label)
        if counts is None:
            raise Missing(NOT_CLASSES if known.header.n_classes < 2 else "the training labels were not recorded")
        if counts.sum() <= 0 or not np.isfinite(counts).all():
            raise Missing("the training labels are empty")
        if weights is None or len(weights) != len(counts) or not weights.sum() > 0:
            weights = counts
        return cls(counts, weights / weights.sum())

    @property
    def share(self) -> NDArray[np.float64]:
        """(n_classes,) share of the rows."""
        return np.asarray(self.counts / self.counts.sum())

    @property
    def ratio(self) -> float:
        """Rows of the largest class for each row of the smallest; classes without any row do not count."""
        return _ratio(self.counts)

    @property
    def weighted_ratio(self) -> float:
        """The same of the summed weights."""
        return _ratio(self.weighted_share)


@dataclass(frozen=True, eq=False)
class Predictions:
    """Class records of one dataset: validation data if watched, else the training data. At least one record."""

    dataset: str
    is_training: bool
    records: tuple[ClassRecord, ...]

    @classmethod
    def measure(cls, log: ClassLog, evals: EvalLog, header: Header) -> Self:
        """Raise Missing without class records."""
        names = log.datasets()
        if not names and header.extra.get("n_workers"):
            raise Missing(f"class balance {OF_ONE_WORKER}", is_settled=True)
        if not names:
            raise Missing(NOT_CLASSES if header.n_classes < 2 else "no class balance was recorded")
        dataset = ([d for d in names if not evals.is_training(d)] or names)[-1]
        return cls(dataset, evals.is_training(dataset), tuple(log.of(dataset)))

    @property
    def last(self) -> ClassRecord:
        """The latest record."""
        return self.records[-1]

    def recent(self, n: int) -> tuple[ClassRecord, ...]:
        """Return the last `n` records, or fewer."""
        return self.records[-n:]


def _ratio(values: NDArray[np.float64]) -> float:
    present = values[values > 0]
    return float(present.max() / present.min()) if len(present) else 1.0


@dataclass(frozen=True, eq=False)
class CalledShares:
    """How often one model calls each class, on training and on validation rows, in the check rounds."""

    dataset: str
    rounds: NDArray[np.int64]
    """(n_records,)"""
    trained: NDArray[np.float64]
    """(n_records, n_classes) share of the training rows called each class."""
    validated: NDArray[np.float64]
    """(n_records, n_classes) the same of the validation rows."""
    error: NDArray[np.float64]
    """(n_records, n_classes) standard deviation of their difference for two draws of the same rows."""

    @classmethod
    def measure(cls, log: ClassLog, evals: EvalLog) -> Self:
        """Raise Missing without records of both."""
        names = log.datasets()
        train, valid = ([n for n in names if evals.is_training(n) is known] for known in (True, False))
        both = [log.of(n[-1]) if n else [] for n in (train, valid)]
        seen = [{r.round_index: r for r in records if is_check_round(r.round_index + 1)} for records in both]
        pairs = [(seen[0][i], record) for i, record in seen[1].items() if i in seen[0]]
        if not pairs or not all(t.n_rows and v.n_rows for t, v in pairs):
            raise Missing("the class balance of training and validation data was not both recorded")
        rows = np.array([[t.n_rows, v.n_rows] for t, v in pairs], dtype=np.float64)
        trained, validated = (np.array([pair[i].predicted_share for pair in pairs]) for i in (0, 1))
        pooled = (trained * rows[:, :1] + validated * rows[:, 1:]) / rows.sum(axis=1, keepdims=True)
        spread = np.maximum(pooled * (1.0 - pooled), 1.0 / rows.sum(axis=1, keepdims=True))
        error = np.sqrt(spread * (1.0 / rows).sum(axis=1, keepdims=True))
        return cls(valid[-1], np.array([v.round_index for _, v in pairs]), trained, validated, error)


def standing(shift: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return (n_records, n_classes) the smallest of the last `n` values, signed.

    0 where they change sign or are fewer.
    """
    if len(shift) < n:
        return np.zeros_like(shift)
    windows = [shift[i : len(shift) - n + 1 + i] for i in range(n)]
    least = np.maximum(np.minimum.reduce(windows), 0.0) + np.minimum(np.maximum.reduce(windows), 0.0)
    return np.concatenate([np.zeros((n - 1, shift.shape[1])), least])
