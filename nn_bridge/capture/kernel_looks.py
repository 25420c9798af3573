"""KernelLooks: when the tangent kernel is looked at, so that nothing of it is taken for a part of the training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch

from nn_bridge.capture.activations import ActivationHooks
from nn_bridge.capture.module_hooks import Hook
from nn_bridge.record.run_writer import Journal
from nn_bridge.record.tensor_streams import TensorKey


class KernelMeasure(Protocol):
    """What measures the weights as they are before a step, by passes of its own."""

    omitted: Mapping[str, str]

    def is_due(self, step: int) -> bool:
        """Return whether to measure before a step."""

    def measure(self, step: int) -> dict[TensorKey, float]:
        """Return the numbers; none where there is nothing new to measure."""


class KernelLooks:
    """Measures when the probe wants to, while the training's own hooks look away."""

    def __init__(self, probe: KernelMeasure, activations: ActivationHooks, journal: Journal) -> None:
        self._probe, self._activations, self._journal = probe, activations, journal

    def attach(self, optimizer: torch.optim.Optimizer) -> Any:
        """Look before the steps of an optimiser; return the handle that ends it."""
        return optimizer.register_step_pre_hook(Hook(self._before))

    def _before(self, *_: Any) -> None:
        if self._probe.is_due(self._journal.n_steps):
            self._journal.faults.guard("kernel", self._look, self._journal.n_steps)

    def last(self) -> None:
        """Measure the weights after the last step, beside the numbers of that step. Never raises."""
        if self._journal.n_steps:
            self._journal.faults.guard("kernel", self._look, self._journal.n_steps - 1)

    def _look(self, shown: int) -> None:
        journal = self._journal
        self._activations.is_paused = True
        try:
            found = self._probe.measure(journal.n_steps)
        finally:
            self._activations.is_paused = False
        for name, reason in self._probe.omitted.items():
            journal.note("kernel", f"the kernel leaves out {name or 'the net itself'}: {reason}")
        if found:
            row = np.fromiter(found.values(), dtype=np.float64)
            journal.tensors(shown, tuple(found), row, journal.last_round)
