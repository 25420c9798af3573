"""Whether the labels of the validation data are spread like those that were trained on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.curves.eval_curves import Floats
from treedebug.signals.curves.metric_facts import class_counts, class_weights


@dataclass(frozen=True, eq=False)
class LabelShift:
    """Label shares of both datasets, arrays (n_classes,); of amounts the mean, arrays (1,)."""

    dataset: str
    of_classes: bool
    trained: Floats
    """Of the rows, or by sample weights where those are nearer: weights may balance classes on purpose."""
    validated: Floats
    error: Floats
    """Standard deviation of their difference by chance."""
    spread: float
    """Standard deviation of the training labels; 1 for classes."""

    @classmethod
    def measure(cls, header: Header) -> Self:
        """Measure from the label summaries of the last validation set and the training set.

        Raise Missing without both.
        """
        valid = [(n, d) for n, d in header.data.items() if not d.get("is_training") and d.get("label")]
        train: dict[str, Any] = next((d for d in header.data.values() if d.get("is_training") and d.get("label")), {})
        if not valid or not train:
            raise Missing("the labels of training and validation data were not both recorded")
        name, facts = valid[-1]
        mine, theirs = class_counts(train["label"]), class_counts(facts["label"])
        if mine is not None and theirs is not None and len(mine) == len(theirs) and mine.sum() and theirs.sum():
            weights = class_weights(train["label"])
            learned = mine if weights is None or not weights.sum() > 0 else _nearer(mine, weights, theirs)
            both = (mine + theirs) / (mine.sum() + theirs.sum())
            error = np.sqrt(np.maximum(both * (1.0 - both), 1e-12) * (1.0 / mine.sum() + 1.0 / theirs.sum()))
            return cls(name, True, learned / learned.sum(), theirs / theirs.sum(), error, 1.0)  # noqa: FBT003 - its fields, by position
        numbers = [d["label"].get(key) for d in (train, facts) for key in ("mean", "std")]
        rows = [d.get("n_rows") or 0 for d in (train, facts)]
        if None in numbers or min(rows) < 1:
            raise Missing("the label summaries of training and validation data cannot be compared")
        mean, std, other, wide = (float(n) for n in numbers)
        chance = math.sqrt(std**2 / rows[0] + max(std, wide) ** 2 / rows[1])
        return cls(name, False, np.array([mean]), np.array([other]), np.array([chance]), std)  # noqa: FBT003 - its fields, by position

    @property
    def sigmas(self) -> Floats:
        """(n_classes,) or (1,): the difference in standard deviations of chance."""
        return np.asarray(np.abs(self.validated - self.trained) / np.maximum(self.error, 1e-300))


def _nearer(rows: Floats, weights: Floats, other: Floats) -> Floats:
    """Return the counts, of rows or weighted, whose shares are nearer to another dataset's."""
    gaps = [float(np.abs(counts / counts.sum() - other / other.sum()).max()) for counts in (rows, weights)]
    return rows if gaps[0] <= gaps[1] else weights
