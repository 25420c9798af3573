"""Steps whose numbers are there, but not yet their statistics: those of many steps cost little more than of one."""

from __future__ import annotations

from typing import Any

from nn_bridge.capture.output_numbers import Outputs
from nn_bridge.record.run_writer import Journal
from nn_bridge.statistics.step_numbers import Floats, Measured, Names, Taken, named

_MOST = 64


class Backlog:
    """Sampled steps on their way to the journal; settled before a round ends, and before records are written."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._names = Names()
        self._held: list[tuple[int, Taken, Outputs, list[Any], Floats]] = []
        journal.before_close.append(self.settle)
        journal.before_write.append(self.settle)

    def add(self, step: int, taken: Taken, outputs: Outputs, numbers: list[Any]) -> None:
        """Take a step; `numbers` are what was fetched of it."""
        sums = taken.gathered.sheet.sums()
        with self._journal.lock:
            self._held.append((step, taken, outputs, numbers, sums))
            if len(self._held) == _MOST:
                self.settle()

    def settle(self) -> None:
        """Record all of them."""
        with self._journal.lock:
            held, self._held = self._held, []
            self._journal.faults.guard("tensors", self._record, held)

    def _record(self, held: list[tuple[int, Taken, Outputs, list[Any], Floats]]) -> None:
        measured = []
        for step, taken, outputs, numbers, sums in held:
            self._journal.silent(step, outputs.settle(taken, numbers))
            measured.append(Measured.of(step, taken, numbers, sums))
        for row in named(measured, self._names):
            self._journal.tensors(*row)
