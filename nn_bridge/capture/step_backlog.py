"""Steps whose numbers are there, but not yet their statistics: those of many steps cost little more than of one."""

from __future__ import annotations

from typing import Any

from nn_bridge.capture.output_numbers import OutputNumbers
from nn_bridge.record.run_writer import Journal
from nn_bridge.statistics.step_numbers import Floats, Names, StepNumbers, StepSums, named

_MOST = 64


class StepBacklog:
    """Sampled steps on their way to the journal; settled before a round ends, and before records are written."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._names = Names()
        self._held: list[tuple[int, StepNumbers, OutputNumbers, list[Any], Floats]] = []
        journal.before_close.append(self.record_all)
        journal.before_write.append(self.record_all)

    def add(self, step: int, step_numbers: StepNumbers, outputs: OutputNumbers, numbers: list[Any]) -> None:
        """Take a step and the `numbers` fetched of it."""
        sums = step_numbers.device_numbers.block_sums.sums()
        with self._journal.lock:
            self._held.append((step, step_numbers, outputs, numbers, sums))
            if len(self._held) == _MOST:
                self.record_all()

    def record_all(self) -> None:
        """Record all of them."""
        with self._journal.lock:
            held, self._held = self._held, []
            self._journal.faults.guard("tensors", self._record, held)

    def _record(self, held: list[tuple[int, StepNumbers, OutputNumbers, list[Any], Floats]]) -> None:
        measured = []
        for step, step_numbers, outputs, numbers, sums in held:
            self._journal.silent(step, outputs.read(step_numbers, numbers))
            measured.append(StepSums.of(step, step_numbers, numbers, sums))
        for row in named(measured, self._names):
            self._journal.tensors(*row)
