"""TreeKeeper: the trees of a live booster, fetched a batch of rounds at a time, folded, and queued for the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from treedebug.core.faults import Guard
from treedebug.core.run.records import Record, TreeBatch
from treedebug.core.run.run_data import RunData
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.core.run.tree_table import TreeTable
from treedebug.recorders.booster_port import BoosterPort
from treedebug.store.recorded_trees import RecordedTrees
from treedebug.store.run_records import encode_revision, encode_trees, encode_weights

_MOST_BYTES = 900_000
"""Of one fetch, about: LightGBM writes a text of over a megabyte twice."""


class TreeKeeper:
    """The trees of one session. `queue` takes records for the store, `guard` calls what may fail."""

    def __init__(
        self,
        port: BoosterPort,
        run: RunData,
        *,
        parse: Callable[[TreeBatch], TreeTable],
        queue: Callable[[Record], None],
        guard: Guard,
    ) -> None:
        self._port = port
        self._run = run
        self._parse = parse
        self._queue = queue
        self._guard = guard
        self.is_folded = True
        """Whether the trees are read and folded for the rules, beside being recorded."""
        self._summary: TreeSummary | None = None
        self._fetched = 0
        """Iterations whose trees are recorded."""
        self._covered = 0
        """Rounds whose trees are recorded, those without a tree too."""
        self._waiting: list[int] = []
        """The round of each iteration not fetched yet."""
        self._n_trees = 0
        self._weights_at = -1
        self._iteration_bytes = 1
        """Of an iteration's trees, in the latest batch."""
        self._rounds: list[int] = []
        """The round of each iteration whose trees are recorded."""
        self._digests: list[tuple[int, int, list[float]]] = []
        """Of each fetch: its first iteration, the one after its last, and the digests of its trees."""

    def resume(self, start: int) -> int:
        """Go on after the trees already recorded of a booster of `start` iterations; return how many those are."""
        self._rounds = [int(r) for batch in self._run.trees.batches() for r in batch.rounds][:start]
        self._fetched = len(self._rounds)
        self._n_trees = self._fetched * max(1, self._run.header.trees_per_round)
        self._covered = self._run.trees.covered if isinstance(self._run.trees, RecordedTrees) else 0
        # Fold them, so that the rules see the whole life of the booster.
        if self.is_folded:
            self._summary = self._guard("summary", lambda: self._run.stream(TreeSummary))
        return self._fetched

    def expect(self, rounds: Sequence[int]) -> None:
        """Iterations of these rounds are in the booster, but not recorded yet."""
        self._waiting += rounds

    def grew(self, round_index: int, iterations: int) -> None:
        """The booster has that many iterations after this round."""
        self._waiting += [round_index] * max(0, iterations - self._known)

    @property
    def _known(self) -> int:
        return self._fetched + len(self._waiting)

    def is_current(self) -> bool:
        """Whether the booster is as of the last recorded round: an exception may have ended it in the next one."""
        return self._port.iterations() == self._known

    def begin_summary(self) -> None:
        """Fold from here on, unless a resumed run's summary goes on."""
        if self._summary is None and self._port.has_trees and self.is_folded:
            self._summary = TreeSummary(self._run.header.n_features)
            self._run.add_stream(TreeSummary, self._summary)

    def fetch(self, *, last: bool = False) -> None:
        """Fetch the trees of the iterations since the last fetch, fold them, and queue them for the store."""
        rounds, n_rounds = self._waiting, self._run.n_rounds
        if not self._port.has_trees or not n_rounds:  # before the first round, not even the header is complete
            return
        if rounds:
            while self._waiting:
                self._fetch_some(n_rounds)
        elif n_rounds > self._covered:
            if self._summary is not None:
                self._summary.skip_to(n_rounds)
            self._covered = n_rounds
            empty = TreeBatch(self._run.header.library, b"", np.zeros(0, np.int64), self._n_trees)
            self._queue(encode_trees(empty, covers=n_rounds))
        if last:
            self.record_weights(n_rounds - 1)

    def _fetch_some(self, n_rounds: int) -> None:
        """Fetch as many of the iterations that wait as their model is small enough for."""
        n = min(max(1, _MOST_BYTES // self._iteration_bytes), len(self._waiting))
        while self._waiting[n - 1] in self._waiting[n : n + 1]:  # trees of one round stay together
            n += 1
        rounds, later = self._waiting[:n], self._waiting[n:]
        start, stop = self._fetched, self._fetched + len(rounds)
        raw = self._port.fetch(start, stop)
        if self.is_folded:
            self._digests.append((start, stop, self._port.digests(raw, start, stop)))
        batch = TreeBatch(self._run.header.library, raw, np.array(rounds, dtype=np.int64), self._n_trees)
        self._covered = later[0] if later else max(n_rounds, rounds[-1] + 1)
        self._queue(encode_trees(batch, covers=self._covered))
        self._n_trees += len(rounds) * self._port.trees_per_round
        self._iteration_bytes = len(raw) // len(rounds) + 1
        self._fetched, self._waiting = stop, later
        self._rounds += rounds
        self._guard("summary", self._fold, batch, self._covered)

    def fetch_rewritten(self) -> None:
        """Record the trees of a model that was rewritten, as they are at the end."""
        n = min(self._port.iterations(), self._run.n_rounds)
        if not n:
            return
        self._waiting, self._port.has_trees = list(range(n)), True
        self.begin_summary()
        self.fetch()

    def have_changed(self) -> bool:
        """Whether trees are no longer those that were recorded; where each fetch is cheap, some of them are looked at.

        Nothing can be told where the library itself changes trees (DART).
        """
        if self._port.rescales or not self._digests:
            return False
        if self._port.iterations() < self._fetched:
            return True
        seen = self._digests
        if self._port.is_digested_whole:
            return self._port.digests(b"", seen[0][0], seen[-1][1]) != [d for _, _, digests in seen for d in digests]
        later = min(seen[len(seen) // 2 :], key=lambda fetched: fetched[1] - fetched[0])
        return self._is_another(*seen[0]) or self._is_another(*later)

    def _is_another(self, start: int, stop: int, digests: list[float]) -> bool:
        return self._port.digests(self._port.fetch(start, stop), start, stop) != digests

    def recall(self) -> list[Record]:
        """Fetch the trees of all iterations that were recorded once more: the store has lost them."""
        if not self._port.has_trees or not self._rounds:
            return []
        raw = self._port.fetch(0, self._fetched)
        batch = TreeBatch(self._run.header.library, raw, np.array(self._rounds, dtype=np.int64), 0)
        return [encode_trees(batch, covers=self._run.n_rounds if not self._waiting else self._rounds[-1] + 1)]

    def _fold(self, batch: TreeBatch, n_rounds: int) -> None:
        summary = self._summary
        if summary is None:
            return
        try:
            summary.extend(self._parse(batch), n_rounds)
        except Exception:
            # Half a summary would be judged as a whole one: without it the rules are skipped, with the reason noted.
            self._summary = None
            self._run.drop_stream(TreeSummary)
            raise

    def record_weights(self, round_index: int) -> None:
        """DART rescales earlier trees: record all weights (XGBoost) or the whole model again (LightGBM)."""
        if not self._port.rescales or round_index in (-1, self._weights_at) or not self.is_current():
            return
        self._weights_at = round_index
        weights = self._port.weights()
        if weights is not None:
            self._queue(encode_weights(round_index, weights))
        else:
            raw = self._port.fetch(0, self._known)
            self._queue(encode_revision(round_index, self._run.header.library, raw))
