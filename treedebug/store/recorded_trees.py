"""RecordedTrees: a run's trees by reference, fetched and parsed a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.records import TreeBatch
from treedebug.core.run.tree_table import TreeTable
from treedebug.store.file_format import Blob

Parse = Callable[[TreeBatch], TreeTable]
"""Reads a whole batch; the readers are wired in at a higher floor."""


@dataclass(frozen=True)
class BatchRef:
    """Where a recorded batch is. `rounds` are the iterations that still stand: the first ones of `stored_rounds`."""

    library: str
    rounds: NDArray[np.int64]
    stored_rounds: NDArray[np.int64]
    first_tree: int
    blob: Blob

    def load(self) -> StoredBatch:
        """Return the batch with its bytes."""
        return StoredBatch(self.library, self.blob.load(), self.rounds, self.first_tree, self.stored_rounds)


@dataclass(frozen=True)
class StoredBatch(TreeBatch):
    """A batch read back. `raw` holds the iterations `stored_rounds`; only those in `rounds`, its first ones, count.

    The others were superseded when a continued training started over from an earlier round.
    """

    stored_rounds: NDArray[np.int64]


class RecordedTrees:
    """The trees of a run as recorded: a TreeSource that holds references, not trees."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse
        self._refs: list[BatchRef] = []
        self._weights: dict[int, NDArray[np.float64]] = {}
        self._revisions: dict[int, tuple[str, Blob]] = {}
        self.is_recorded = False
        """Whether any batch was recorded, an empty one included: the recorder looked for trees."""
        self.covered = 0
        """Rounds whose trees are all recorded; those after it may have trees that were lost."""

    def add(self, batch: BatchRef, covers: int | None = None) -> None:
        """Add the next batch; `covers` as in `encode_trees`. Raises ValueError for one out of order."""
        rounds = batch.rounds
        if len(rounds) and (np.any(np.diff(rounds) < 0) or (self._refs and rounds[0] <= self._refs[-1].rounds[-1])):
            raise ValueError(f"expected batches of trees in order of rounds, got {rounds.tolist()} after later ones")
        self.is_recorded = True
        if len(rounds):
            self._refs.append(batch)
        self.covered = max(self.covered, covers or 0, int(rounds[-1]) + 1 if len(rounds) else 0)

    def add_weights(self, round_index: int, weights: NDArray[np.float64]) -> None:
        """Record the weights (n_trees,) of all trees as they stood after a round (DART)."""
        self._weights[round_index] = weights

    def add_revision(self, round_index: int, library: str, blob: Blob) -> None:
        """Record the whole model as it stood after a round (LightGBM's DART rescales trees in place)."""
        self._revisions[round_index] = (library, blob)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds`; a batch across it keeps its earlier rounds."""
        cut = [replace(r, rounds=r.rounds[: np.searchsorted(r.rounds, n_rounds)]) for r in self._refs]
        self._refs = [r for r in cut if len(r.rounds)]
        self._weights = {k: v for k, v in self._weights.items() if k < n_rounds}
        self._revisions = {k: v for k, v in self._revisions.items() if k < n_rounds}
        self.covered = min(self.covered, n_rounds)

    @property
    def refs(self) -> list[BatchRef]:
        """The batches in order of rounds, unread."""
        return list(self._refs)

    @property
    def rounds(self) -> NDArray[np.int64]:
        """(n_iterations,) the rounds that have trees."""
        return np.concatenate([np.zeros(0, dtype=np.int64), *(r.rounds for r in self._refs)])

    def batches(self) -> Iterator[TreeBatch]:
        """Batches in order of rounds, one in memory at a time.

        Of each batch only the first `len(batch.rounds)` iterations in `raw` count (see StoredBatch): whoever uses `raw`
        itself, as to rebuild a booster, cuts it there; `read` has done it.
        """
        return (ref.load() for ref in self.refs)

    def read(self, batch: TreeBatch) -> TreeTable:
        """Return the batch as flat arrays, without superseded rounds."""
        stored = batch.stored_rounds if isinstance(batch, StoredBatch) else batch.rounds
        table = self._parse(TreeBatch(batch.library, batch.raw, stored, batch.first_tree))
        if len(batch.rounds) == len(stored):
            return table
        keep = int(np.searchsorted(table.round_index, stored[len(batch.rounds)]))
        return table.select(0, keep)

    @property
    def snapshot_rounds(self) -> list[int]:
        """Rounds after which weights or a revision of all trees were recorded, ascending."""
        return sorted(self._weights.keys() | self._revisions.keys())

    def weights_at(self, round_index: int) -> NDArray[np.float64] | None:
        """Return the weights of all trees after exactly this round, or None if they were not recorded then."""
        return self._weights.get(round_index)

    def revision_at(self, round_index: int) -> TreeBatch | None:
        """Return the whole model after exactly this round, or None if it was not recorded then.

        Its `rounds` are those of the batches up to there; empty where the batches do not hold them.
        """
        found = self._revisions.get(round_index)
        if found is None:
            return None
        rounds = self.rounds
        return TreeBatch(found[0], found[1].load(), rounds[rounds <= round_index], 0)
