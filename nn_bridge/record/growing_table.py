"""Tables that grow row by row and are read as arrays, also while they grow: what a log of statistics is kept in."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FEWEST = 8


class GrowingTable:
    """GrowingTable of one shape."""

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        self._held = np.empty((_FEWEST, *shape), dtype)
        self.n = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a row."""
        return tuple(self._held.shape[1:])

    def append(self, row: Any) -> None:
        """Add a row."""
        if self.n == len(self._held):
            held = np.empty((max(2 * self.n, _FEWEST), *self.shape), self._held.dtype)
            held[: self.n] = self._held
            self._held = held
        self._held[self.n] = row
        self.n += 1

    def until(self, n: int) -> NDArray[Any]:
        """Return the first `n` rows as an array (n, ...), a view."""
        return self._held[:n]

    def truncate(self, n: int) -> None:
        """Forget all rows but the first `n`; what was read before keeps its numbers."""
        self._held, self.n = self._held[:n].copy(), n


class StepTable:
    """One row for each of some sampled steps, which ascend; `width` numbers a row."""

    def __init__(self, width: int, dtype: Any) -> None:
        self._rows = GrowingTable((width,), dtype)
        self._steps = array("q")
        self._rounds = array("q")

    @property
    def width(self) -> int:
        """Numbers a row."""
        return self._rows.shape[0]

    def append(self, step: int, round_index: int, row: Any) -> None:
        """Add a step."""
        self._rows.append(row)
        self._steps.append(step)
        self._rounds.append(round_index)  # last, so that a reader beside the writer sees whole rows only

    def n(self, stop: int | None = None) -> int:
        """Return the number of steps, or of those before round `stop`."""
        rounds = self._rounds
        if stop is None or not rounds or rounds[-1] < stop:
            return len(rounds)
        return bisect_left(rounds, stop)

    def read(self, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
        """Return the first `n`: steps (n,), rounds (n,), and rows (n, width), which are a view."""
        steps, rounds = (np.array(x[:n], dtype=np.int64) for x in (self._steps, self._rounds))
        return steps, rounds, self._rows.until(n)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds`."""
        keep = self.n(n_rounds)
        del self._steps[keep:], self._rounds[keep:]
        self._rows.truncate(keep)
