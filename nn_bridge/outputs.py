"""From what was seen of the modules' outputs to the numbers of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nn_bridge.activations import Seen
from nn_bridge.gather import Taken
from nn_bridge.streams import ACTIVATION, TensorKey
from nn_bridge.sums import MAX, MIN


class Outputs:
    """The modules seen in a step: put among the numbers to be fetched, and read from them."""

    def __init__(self, seen: Mapping[str, Seen], taken: Taken) -> None:
        self._seen = seen
        self._rows: dict[str, list[int]] = {}
        self._saturated: dict[str, list[int]] = {}
        self._active: dict[str, list[int]] = {}
        add = taken.gathered.add
        for name, one in seen.items():
            self._rows[name] = [add(r) for r in one.rows]
            if one.saturated:
                self._saturated[name] = [add(s) for s in one.saturated]
            if one.active:
                self._active[name] = [add(a) for a in one.active]

    def settle(self, taken: Taken, numbers: list[Any]) -> dict[str, NDArray[np.bool_]]:
        """Add the modules' sums and shares to what was taken; returns the silent units of rectifiers."""
        if self._seen:
            sizes = [one.size for one in self._seen.values()]
            rows = [_joined([numbers[i] for i in places]) for places in self._rows.values()]
            taken.add(ACTIVATION, tuple(self._seen), rows, sizes=sizes, counts=sizes)
            numbers.append(rows)
        for name, places in self._saturated.items():
            share = sum(float(numbers[i][0]) for i in places) / max(self._seen[name].saturated_size, 1)
            self._single(taken, numbers, name, "saturated_share", share)
        silent: dict[str, NDArray[np.bool_]] = {}
        for name, places in self._active.items():
            calls = [np.asarray(numbers[i]) for i in places]
            if len({len(c) for c in calls}) == 1:
                mask = calls[0] == 0
                for call in calls[1:]:
                    mask &= call == 0
                silent[name] = mask
                self._single(taken, numbers, name, "silent_share", np.count_nonzero(mask) / len(mask))
        return silent

    @staticmethod
    def _single(taken: Taken, numbers: list[Any], name: str, statistic: str, value: float) -> None:
        taken.add_single(TensorKey(name, ACTIVATION, statistic), value)
        numbers.append((value,))


def _joined(rows: Sequence[Any]) -> Any:
    """The sums of all calls as those of one."""
    if len(rows) == 1:
        return rows[0]
    table = np.array([np.asarray(r) for r in rows], dtype=np.float64)
    total = table.sum(axis=0)
    total[MIN], total[MAX] = table[:, MIN].min(), table[:, MAX].max()
    return total


def on_cpu(value: torch.Tensor) -> Any:
    """A tensor as numpy, bfloat16 as float32."""
    held = value.detach()
    return (held.float() if held.dtype in (torch.bfloat16, torch.float16) else held).cpu().numpy()
