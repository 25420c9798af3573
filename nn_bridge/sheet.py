"""Sums of many arrays on the CPU, in a few calls of numpy whatever their number: what a sampled step costs most.

The arrays lie end to end in a block that fits the processor's cache. Each begins a row, and the rest of its last row is
zero. So BLAS can add up row by row: short rows keep it to one thread and single precision exact enough, and the rows
of an array are added up in double precision.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SUM_SQUARE, SUM, SUM_ABS, MIN, MAX, N_ZERO, N_BAD = range(7)
N_COLUMNS = 7
WIDTH = 1024
"""Entries of a row."""
_ROWS = 128
"""Rows of a block: half a megabyte of single precision, and as much for their absolute values."""


class Sheet:
    """Takes arrays, one after the other; gives the sums of each."""

    def __init__(self) -> None:
        self._blocks: dict[np.dtype[Any], _Block] = {}
        self._found: list[tuple[list[int], NDArray[np.float64]]] = []
        self._n = 0

    def new(self, n: int = 1) -> range:
        """Numbers for `n` more arrays."""
        self._n += n
        return range(self._n - n, self._n)

    def add(self, line: NDArray[Any], number: int) -> None:
        """Take entries (n,) of float32 or float64, all or further ones, of the array of this number."""
        block, at = self._block(line.dtype), 0
        while at < line.size:
            at += block.put(line[at:], number)
            if block.is_full:
                self._reduce(block)

    def add_rows(self, line: NDArray[Any], sizes: Sequence[int], numbers: range) -> None:
        """Take arrays of these sizes and numbers, joined as `padding` tells."""
        block = self._block(line.dtype)
        if line.size > block.room:
            self._reduce(block)
        if line.size <= block.room:
            block.put_rows(line, sizes, numbers)
            return
        bounds = _bounds(tuple(sizes))
        for number, start, stop in zip(numbers, bounds[::2], bounds[1::2], strict=True):
            self.add(line[start:stop], number)

    def add_sums(self, table: NDArray[np.float64], numbers: Sequence[int]) -> None:
        """Take sums (n, 7) of all or some entries of the arrays of these numbers, found elsewhere."""
        self._found.append((list(numbers), table))

    def sums(self) -> NDArray[np.float64]:
        """(n, 7) of each array so far: squares, values, absolute values, extremes, counts of zeros and of non-finite.

        Forgets them. A number that was given nothing has a row of NaN.
        """
        for block in self._blocks.values():
            self._reduce(block)
        found, n = self._found, self._n
        self.clear()
        numbers = [i for part, _ in found for i in part]
        tables = [table for _, table in found]
        table = tables[0] if len(tables) == 1 else np.concatenate(tables) if tables else np.empty((0, N_COLUMNS))
        return table if numbers == list(range(n)) else _merged(table, np.array(numbers, dtype=np.int64), n)

    def clear(self) -> None:
        """Forget everything."""
        self._found, self._n = [], 0
        for block in self._blocks.values():
            block.clear()

    def _block(self, dtype: np.dtype[Any]) -> _Block:
        block = self._blocks.get(dtype)
        if block is None:
            block = self._blocks[dtype] = _Block(dtype)
        return block

    def _reduce(self, block: _Block) -> None:
        if block.numbers:
            self._found.append((block.numbers, block.sums()))
            block.clear()


def padding(size: int) -> int:
    """Zeros that stand between an array of this size and the next one of joined ones."""
    return -size % WIDTH


def joined_sums(arrays: Iterable[NDArray[Any]]) -> NDArray[np.float64]:
    """(n, 7) the sums of n arrays of float32 or float64, none of them empty."""
    sheet = Sheet()
    for array in arrays:
        sheet.add(array.reshape(-1), *sheet.new())
    return sheet.sums()


@functools.lru_cache(maxsize=256)
def _bounds(sizes: tuple[int, ...]) -> list[int]:
    """Where joined arrays start and end, by turns."""
    bounds, at = [], 0
    for size in sizes:
        bounds += [at, at + size]
        at += size + padding(size)
    return bounds


def _merged(table: NDArray[np.float64], numbers: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """One row for each number, of rows (pieces of arrays, calls of modules) in any order."""
    out = np.full((n, N_COLUMNS), np.nan)
    if len(numbers):
        order = np.argsort(numbers, kind="stable")
        table, numbers = table[order], numbers[order]
        starts = np.flatnonzero(np.diff(numbers, prepend=-1))
        with np.errstate(all="ignore"):
            merged = np.add.reduceat(table, starts, axis=0)
            merged[:, MIN] = np.minimum.reduceat(table[:, MIN], starts)
            merged[:, MAX] = np.maximum.reduceat(table[:, MAX], starts)
        out[numbers[starts]] = merged
    return out


class _Block:
    """Rows of one kind of number, filled from the top."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._line = np.zeros(_ROWS * WIDTH + 1, dtype)
        """One entry more than rows, so that the end of the last array is a place too."""
        self._work = np.empty(_ROWS * WIDTH, dtype)
        self._mask = np.empty(_ROWS * WIDTH, np.bool_)
        self._ones = np.ones((WIDTH, 1), dtype)
        self.clear()

    def clear(self) -> None:
        """Empty it."""
        self.numbers: list[int] = []
        self._bounds: list[int] = []
        """Where each starts and ends, by turns."""
        self._used = 0
        self._n = 0

    @property
    def room(self) -> int:
        """Entries that still fit in."""
        return _ROWS * WIDTH - self._used

    @property
    def is_full(self) -> bool:
        """Whether nothing fits in."""
        return self._used == _ROWS * WIDTH

    def put(self, line: NDArray[Any], number: int) -> int:
        """Take as much as fits in; returns how much."""
        n, start = min(line.size, self.room), self._used
        stop = start + n
        self._used = stop + padding(n)
        self._line[start:stop] = line[:n]
        self._line[stop : self._used] = 0
        self.numbers.append(number)
        self._bounds += (start, stop)
        self._n += n
        return n

    def put_rows(self, line: NDArray[Any], sizes: Sequence[int], numbers: range) -> None:
        """Take joined arrays, which must fit in."""
        at, self._used = self._used, self._used + line.size
        self._line[at : self._used] = line
        self._bounds += [at + x for x in _bounds(tuple(sizes))]
        self._n += sum(sizes)
        self.numbers += numbers

    def sums(self) -> NDArray[np.float64]:
        """(n, 7) of the arrays, or parts of arrays, in it."""
        out = np.zeros((len(self.numbers), N_COLUMNS))
        bounds = np.array(self._bounds)
        line, mask = self._line[: self._used], self._mask[: self._used]
        with np.errstate(all="ignore"):
            rows = line.reshape(-1, 1, WIDTH)
            absolute = np.abs(line, out=self._work[: self._used]).reshape(rows.shape)
            by_row = np.empty((3, len(rows), 1, 1))
            by_row[SUM_SQUARE] = np.matmul(rows, rows.reshape(-1, WIDTH, 1))
            by_row[SUM] = np.matmul(rows, self._ones)
            by_row[SUM_ABS] = np.matmul(absolute, self._ones)
            out[:, :3] = np.add.reduceat(by_row.reshape(3, -1), bounds[::2] // WIDTH, axis=1).T
            inside = self._line[: self._bounds[-1] + 1]
            out[:, MIN] = np.minimum.reduceat(inside, bounds)[::2]
            out[:, MAX] = np.maximum.reduceat(inside, bounds)[::2]
            np.equal(line, 0, out=mask)
            if np.count_nonzero(mask) > line.size - self._n:  # not only the padding
                out[:, N_ZERO] = [np.count_nonzero(mask[i:j]) for i, j in self._pairs()]
            if not math.isfinite(out[:, SUM].sum()):  # rare: only then is it worth a pass
                out[:, N_BAD] = [j - i - np.count_nonzero(np.isfinite(line[i:j])) for i, j in self._pairs()]
        return out

    def _pairs(self) -> Iterable[tuple[int, int]]:
        return zip(self._bounds[::2], self._bounds[1::2], strict=True)
