"""What a model may become: cut at a round, or boosted once more; each with its size and its loss on validation rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from treedebug.cure.row_losses import RowLoss, compared
from treedebug.cure.slim.reboost import Boosting, Rows, reboost
from treedebug.cure.slim.structure import Structure

Floats = NDArray[np.float64]
GAINS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0, 27.0)
"""Least gains that are tried, in units of the loss that one free parameter takes off by chance."""
_MOST_LOOKS, _FEW_LOOKS, _MANY_ROWS = 80, 20, 20_000
"""Rounds of one boosting that are looked at: at many validation rows each look costs more than the round itself."""
_PATIENCE = 60


@dataclass(frozen=True)
class SlimCandidate:
    """A model that is not written yet."""

    n_rounds: int
    n_leaves: int
    loss: float
    difference: float
    """Mean loss of the validation rows less that of the reference."""
    error: float
    """Standard error of the difference, paired by row."""
    boosting: Boosting | None = None
    """None: the model as it is, cut after `n_rounds`."""

    def is_no_worse(self, tolerance: float) -> bool:
        """Return whether it stands at most `tolerance` standard errors behind the reference."""
        return self.difference <= tolerance * self.error


@dataclass(frozen=True)
class Judge:
    """The validation rows, and the losses that others are compared with."""

    loss: RowLoss
    label: Floats
    weight: Floats
    reference: Floats
    """(n_valid,) losses of the reference model's rows."""

    def judged(self, margin: Floats) -> tuple[float, float, float]:
        """Return mean loss, its difference from the reference, and the standard error of that."""
        rows = self.loss.of(margin, self.label)
        return float(self.weight @ rows / self.weight.sum()), *compared(rows, self.reference, self.weight)


def margins_of(structure: Structure, start: Floats, *, averaged: bool) -> Iterator[Floats]:
    """Yield the margin on the validation rows after each round of the model as it is."""
    votes = np.zeros((structure.n_valid, len(start)))
    values = structure.table.leaf_value
    for n_rounds, trees in enumerate(structure.rounds, 1):
        for tree in trees:
            votes[:, tree.class_index] += values[tree.first + tree.valid]
        yield start + (votes / n_rounds if averaged else votes)


def cuts(structure: Structure, judge: Judge, start: Floats, *, averaged: bool) -> list[SlimCandidate]:
    """Return the model cut after each round."""
    found, n_leaves = [], 0
    margins = margins_of(structure, start, averaged=averaged)
    for i, (trees, margin) in enumerate(zip(structure.rounds, margins, strict=True)):
        n_leaves += sum(len(t.leaves) for t in trees if t.splits)
        found.append(SlimCandidate(i + 1, max(n_leaves, 1), *judge.judged(margin)))
    return found


def boosted(
    structure: Structure, judge: Judge, rows: Rows, boosting: Boosting, penalties: Sequence[float]
) -> list[SlimCandidate]:
    """Return what boosting anew gives for each least gain and penalty, at the rounds that are looked at."""
    unit = _unit(judge, rows)
    found: list[SlimCandidate] = []
    for penalty in penalties:
        for gain in GAINS:
            found += _path(structure, judge, rows, replace(boosting, penalty=penalty, least_gain=gain * unit))
    return found


def _path(structure: Structure, judge: Judge, rows: Rows, boosting: Boosting) -> Iterator[SlimCandidate]:
    looks = _MOST_LOOKS if structure.n_valid < _MANY_ROWS else _FEW_LOOKS
    step = max(1, len(structure.rounds) // looks)
    n_leaves, best, best_at = 0, np.inf, 0
    for n, done in enumerate(reboost(structure, rows, boosting), 1):
        n_leaves += sum(t.n_leaves for t in done.trees if t.n_leaves > 1)
        if n % step and n != len(structure.rounds):
            continue
        candidate = SlimCandidate(n, max(n_leaves, 1), *judge.judged(done.valid), boosting)
        yield candidate
        if candidate.loss < best:
            best, best_at = candidate.loss, n
        elif n - best_at > _PATIENCE:
            return


def _unit(judge: Judge, rows: Rows) -> float:
    """Return about what a free parameter takes off the training loss by chance: 1 of log loss, the rest's variance."""
    scale = float(judge.weight @ judge.reference / judge.weight.sum()) if judge.loss.name == "squared error" else 1.0
    return scale * float(rows.weight.mean())
