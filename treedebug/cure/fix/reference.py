"""What trials are judged against: the user's model, cut at its best round on the rows that judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.api.rebuild_booster import load_booster
from treedebug.core.run.run_data import RunData
from treedebug.cure.fix.first_rounds import first_rounds
from treedebug.cure.fix.sets import RowSet, Sets
from treedebug.cure.fix.trial import TrialModel
from treedebug.cure.model_source import ModelSource, raw_of, read_source
from treedebug.cure.row_losses import RowLoss, row_loss
from treedebug.cure.slim.candidates import margins_of
from treedebug.cure.slim.model_file import last_margin
from treedebug.cure.slim.structure import structure_of
from treedebug.cure.tables import Labelled, labelled

Floats = NDArray[np.float64]
_DIVISIONS = 10


@dataclass(frozen=True, eq=False)
class Reference:
    """A model and its losses on the validation rows; with a record also the whole of it."""

    losses: Floats
    """At its best round."""
    honest: Floats
    """Each row's at the round that other rows chose: what trials are judged against."""
    raw: bytes
    n_rounds: int
    n_leaves: int
    loss: RowLoss
    seconds: float | None = None
    source: ModelSource | None = None
    """The user's model, uncut, where it is recorded."""


def recorded_reference(run: RunData, sets: Sets) -> Reference:
    """Return the recorded model cut at its best round: for nothing, from the recorded trees."""
    source = read_source(raw_of(run), "run", run)
    loss = row_loss(source.facts)
    _, valid = sets.folds[0]
    rows = numbers(valid, source)
    structure = structure_of(source.table, rows.X[:0], rows.X)
    start = source.facts.base_margin if source.facts.library == "xgboost" else np.zeros(source.facts.n_outputs)
    best, best_at, losses = np.inf, 0, np.zeros(0)
    halves = _Halves(rows.weight)
    margins = margins_of(structure, start, averaged=source.facts.average_output)
    first = 1
    if source.facts.booster == "dart":  # rounds before the last were other models than their trees are now
        margins, first = iter([last_margin(source, rows.X)]), source.facts.n_rounds
    for n, margin in enumerate(margins, first):
        found = loss.of(margin, rows.label)
        halves.look(found)
        mean = float(rows.weight @ found)
        if mean < best:
            best, best_at, losses = mean, n, found
    n_trees = int(np.searchsorted(source.table.round_index, best_at))
    seconds = float(np.nansum(np.asarray(run.rounds.seconds, dtype=np.float64)))
    return Reference(
        losses, halves.unchosen(), cut(source.raw, source.facts.library, best_at), best_at,
        int(source.table.select(0, n_trees).is_leaf.sum()), loss, seconds or None, source,
    )  # fmt: skip


class _Halves:
    """Chooses the best round on one half of the rows and takes the losses of the other, for several divisions.

    A noisy curve has its best round by luck, too: at that round, chosen on the same rows, a model looks better than it
    is, and most so where it learns fast.
    """

    def __init__(self, weight: Floats) -> None:
        rng = np.random.default_rng(0)
        n = len(weight)
        firsts = [rng.permutation(n) < n // 2 for _ in range(_DIVISIONS)]
        self._choosers = np.array([weight * half for first in firsts for half in (first, ~first)])
        self._best = np.full(len(self._choosers), np.inf)
        self._losses = np.zeros((len(self._choosers), n))

    def look(self, losses: Floats) -> None:
        """Take the losses of a round where it is the best so far."""
        means = self._choosers @ losses
        better = means < self._best
        self._best[better] = means[better]
        self._losses[better] = losses

    def unchosen(self) -> Floats:
        """Return (n_rows,) the mean loss of each row over the choosers that it was not among."""
        others = self._choosers == 0
        found: Floats = (self._losses * others).sum(axis=0) / np.maximum(others.sum(axis=0), 1)
        return found


def cut(raw: bytes, library: str, n_rounds: int) -> bytes:
    """Return a model's first rounds, by its library."""
    return first_rounds(load_booster(raw, library), library, n_rounds)


def numbers(part: RowSet, source: ModelSource) -> Labelled:
    """Return a part in the columns and codes of a model's training."""
    return labelled((part.X, part.y, part.weights), source.run, "the rows")


def trained_reference(trained: TrialModel, loss: RowLoss) -> Reference:
    """Return a training of the user's own parameters, stopped early, as what others are judged against."""
    return Reference(
        trained.losses, trained.losses, trained.raw, trained.n_rounds, trained.n_leaves, loss, trained.seconds
    )
