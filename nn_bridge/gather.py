"""From the numbers of a step to named statistics: of parameters, and of modules' outputs over all their calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_bridge.activations import Seen
from nn_bridge.reduce import MAX, MIN, N_COLUMNS, STATISTICS, statistics
from nn_bridge.steps import Taken
from nn_bridge.streams import ACTIVATION, TensorKey


@dataclass
class ModulePlace:
    """Where a module's numbers are among the gathered ones."""

    sums: list[int]
    sizes: list[int]
    saturated: list[int]
    saturated_sizes: list[int]
    active: list[int]

    def values(
        self, name: str, numbers: Sequence[NDArray[np.float64]], silent: dict[str, NDArray[np.bool_]]
    ) -> dict[TensorKey, float]:
        """The module's statistics; its silent units are added to `silent`."""
        rows = np.stack([numbers[i] for i in self.sums])
        total = rows.sum(axis=0)
        total[MIN], total[MAX] = rows[:, MIN].min(), rows[:, MAX].max()
        n = np.array([sum(self.sizes)], dtype=np.int64)
        row = statistics(total.reshape(1, N_COLUMNS), n, n)[0]
        found = {TensorKey(name, ACTIVATION, s): float(v) for s, v in zip(STATISTICS, row, strict=True)}
        if self.saturated:
            share = sum(float(numbers[i][0]) for i in self.saturated) / max(sum(self.saturated_sizes), 1)
            found[TensorKey(name, ACTIVATION, "saturated_share")] = share
        if self.active and len({len(numbers[i]) for i in self.active}) == 1:
            mask = ~np.any([numbers[i] > 0 for i in self.active], axis=0)
            silent[name] = mask
            found[TensorKey(name, ACTIVATION, "silent_share")] = float(mask.mean())
        return found


def gather_module(seen: Seen, taken: Taken) -> ModulePlace:
    """Put a module's sums among the numbers to be fetched."""
    add = taken.gathered.add
    return ModulePlace(
        [add(s) for s in seen.sums], seen.sizes, [add(s) for s in seen.saturated], seen.saturated_sizes,
        [add(s) for s in seen.active],
    )  # fmt: skip


def named_statistics(taken: Taken, numbers: Sequence[NDArray[np.float64]]) -> dict[TensorKey, float]:
    """The statistics of all tensors whose sums were taken."""
    values: dict[TensorKey, float] = {}
    for sums in taken.sums:
        rows = statistics(numbers[sums.place], sums.sizes, sums.counts).tolist()
        for name, row in zip(sums.names, rows, strict=True):
            for statistic, value in zip(STATISTICS, row, strict=True):
                values[TensorKey(name, sums.kind, statistic)] = value
    return values
