"""RunTail: a run that another process writes, read as it grows: each look reads only what came since the last one."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from treedebug.core.errors import FormatError
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import Note, RunData
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.store.load_run import MALFORMED, malformed
from treedebug.store.record_decoders import apply
from treedebug.store.recorded_trees import Parse, RecordedTrees


class GrowingSource(Protocol):
    """A source that can be read on from where the last reading ended."""

    def records_from(self, offset: int) -> tuple[list[Record], int]:
        """Return the records after `offset` (0 at first), and the offset for the next call."""


class RunTail:
    """The run of a source, kept up to date by `advance`. `parse` reads a batch of trees.

    What the training itself found stands in `recorded`, apart from the run, whose findings are the reader's own.
    """

    def __init__(self, source: GrowingSource, parse: Parse) -> None:
        self._source = source
        self._parse = parse
        self.restarts = 0
        """How often the run was replaced, or a continued training went back: what was judged no longer holds."""
        self._begin()

    def _begin(self) -> None:
        self._trees = RecordedTrees(self._parse)
        self.run = RunData(trees=self._trees)
        self.recorded = RunData(trees=RecordedTrees(self._parse))
        self._offset = 0
        self._n_records = 0
        self._summary: TreeSummary | None = None
        self._n_folded = 0
        self._is_broken = False

    def advance(self) -> bool:
        """Read what was appended; return whether anything was. Raise RunNotFoundError or FormatError."""
        try:
            records, offset = self._source.records_from(self._offset)
        except FormatError:
            if not self._offset:
                raise
            self.restarts += 1  # deleted and started anew
            self._begin()
            records, offset = self._source.records_from(0)
        for record in records:
            self._take(record)
        self._offset = offset
        if records:
            self._fold()
        return bool(records)

    def _take(self, record: Record) -> None:
        position, self._n_records = self._n_records, self._n_records + 1
        was_ended = self.run.ended
        try:
            if record.kind in ("finding", "rewind"):
                apply(self.recorded, record)
            if record.kind != "finding":
                apply(self.run, record)
        except MALFORMED as error:
            self.run.notes.append(malformed(position, record, error))
        if record.kind == "rewind" or (was_ended and not self.run.ended):
            self.restarts += 1
            self._drop_summary()

    def _drop_summary(self) -> None:
        self._summary, self._n_folded = None, 0
        self.run.drop_stream(TreeSummary)

    def _fold(self) -> None:
        """Fold the trees of the new batches, once each, and only those of rounds that are recorded."""
        run, trees = self.run, self._trees
        if not trees.is_recorded or self._is_broken:
            return
        if self._summary is None:
            self._summary = TreeSummary(run.header.n_features)
            run.add_stream(TreeSummary, self._summary)
        try:
            for ref in trees.refs[self._n_folded :]:
                stop = int(ref.rounds[-1]) + 1
                if stop > run.n_rounds and not run.ended:
                    break  # its rounds are yet to come
                table = trees.read(ref.load())
                if stop > run.n_rounds:
                    table = table.select(0, int(np.searchsorted(table.round_index, run.n_rounds)))
                self._summary.extend(table, min(stop, run.n_rounds))
                self._n_folded += 1
            self._summary.skip_to(run.n_rounds if run.ended else min(run.n_rounds, trees.covered))
        except (FormatError, MemoryError) as error:
            self._is_broken = True
            self._drop_summary()
            run.notes.append(Note("trees", f"the recorded trees cannot be read: {error!s:.300}", is_damage=True))
