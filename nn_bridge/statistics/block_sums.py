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
_ROWS = 256
"""Rows of a block: a megabyte of single precision."""
_AT_ONCE = 64
"""Rows that are reduced at once, so that little of the cache is taken from the training."""


class BlockSums:
    """Takes arrays, one after the other; gives the sums of each."""

    def __init__(self) -> None:
        self._blocks: dict[np.dtype[Any], _Block] = {}
        self._found: list[tuple[list[int], NDArray[np.float64]]] = []
        self._n = 0

    def new(self, n: int = 1) -> range:
        """Return numbers for `n` more arrays."""
        self._n += n
        return range(self._n - n, self._n)

    def add(self, line: NDArray[Any], number: int) -> None:
        """Take entries (n,) of float32 or float64, all or further ones, of the array of this number."""
        block, at = self._block(line.dtype), 0
        while at < line.size:
            at += block.put(line[at:], number)
            if not block.room:
                self._reduce(block)

    def add_lines(self, lines: Sequence[NDArray[Any]], numbers: range, less: NDArray[Any] | None = None) -> None:
        """Take arrays (n,) of one kind of number, none of them empty; minus `less`, from `joined`."""
        sizes = tuple([line.size for line in lines])
        block = self._block(lines[0].dtype)
        size = _bounds(sizes)[-1]
        if size > block.room:
            self._reduce(block)
        if size <= block.room:
            joined(lines, sizes, out=block.place(sizes, numbers), less=less)
            return
        line, bounds = joined(lines, sizes, less=less), _bounds(sizes)
        for number, start, stop in zip(numbers, bounds[:-1:2], bounds[1::2], strict=True):
            self.add(line[start:stop], number)

    def add_sums(self, table: NDArray[np.float64], numbers: Sequence[int]) -> None:
        """Take sums (n, 7) of all or some entries of the arrays of these numbers, found elsewhere."""
        self._found.append((list(numbers), table))

    def sums(self) -> NDArray[np.float64]:
        """Return (n, 7) of each array so far: squares, values, absolute values, extremes, zeros and non-finite entries.

        Forgets them. A number that was given nothing has a row of NaN.
        """
        for block in self._blocks.values():
            self._reduce(block)
        found, n = self._found, self._n
        self.clear()
        if len(found) == 1 and found[0][0] == list(range(n)):
            return found[0][1]
        table = np.concatenate([table for _, table in found]) if found else np.empty((0, N_COLUMNS))
        return _merged(table, np.array([i for numbers, _ in found for i in numbers], dtype=np.int64), n)

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


def joined(
    lines: Sequence[NDArray[Any]],
    sizes: tuple[int, ...],
    *,
    out: NDArray[Any] | None = None,
    less: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Return arrays of these sizes end to end, each beginning a row; minus `less`, joined before."""
    parts: list[Any] = [None] * (2 * len(lines))
    parts[::2], parts[1::2] = lines, _zeros(sizes, lines[0].dtype)
    line = np.concatenate(parts, out=out)
    return line if less is None else np.subtract(line, less, out=line)


@functools.lru_cache(maxsize=256)
def _zeros(sizes: tuple[int, ...], dtype: np.dtype[Any]) -> list[NDArray[Any]]:
    """Return the zeros that fill up the last row of each joined array."""
    return [np.zeros(-size % WIDTH, dtype) for size in sizes]


def joined_sums(arrays: Iterable[NDArray[Any]]) -> NDArray[np.float64]:
    """Return the sums (n, 7) of n arrays of float32 or float64, none of them empty."""
    block_sums = BlockSums()
    for array in arrays:
        block_sums.add(array.reshape(-1), *block_sums.new())
    return block_sums.sums()


@functools.lru_cache(maxsize=256)
def _bounds(sizes: tuple[int, ...]) -> list[int]:
    """Return where joined arrays start and end, by turns, and last where the rows end."""
    bounds, at = [], 0
    for size in sizes:
        bounds += [at, at + size]
        at += size + -size % WIDTH
    return [*bounds, at]


def _merged(table: NDArray[np.float64], numbers: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """Return one row for each number, of rows (pieces of arrays, calls of modules) in any order."""
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
        self._work = np.empty((_AT_ONCE, 1, WIDTH), dtype)
        self._mask = np.empty((_AT_ONCE, 1, WIDTH), np.bool_)
        self._ones = np.ones((WIDTH, 1), dtype)
        self.clear()

    def clear(self) -> None:
        """Empty it."""
        self.numbers: list[int] = []
        self._bounds: list[int] = []
        """Where each starts and ends, by turns."""
        self._used = 0

    @property
    def room(self) -> int:
        """Entries that still fit in."""
        return _ROWS * WIDTH - self._used

    def put(self, line: NDArray[Any], number: int) -> int:
        """Take as much as fits in; return how much."""
        n, start = min(line.size, self.room), self._used
        stop = start + n
        self._used = stop + -n % WIDTH
        self._line[start:stop] = line[:n]
        self._line[stop : self._used] = 0
        self.numbers.append(number)
        self._bounds += (start, stop)
        return n

    def place(self, sizes: tuple[int, ...], numbers: range) -> NDArray[Any]:
        """Return where to put joined arrays, which must fit in."""
        at, bounds = self._used, _bounds(sizes)
        self._used += bounds[-1]
        self._bounds += [at + x for x in bounds[:-1]]
        self.numbers += numbers
        return self._line[at : self._used]

    def sums(self) -> NDArray[np.float64]:
        """Return the sums (n, 7) of the arrays, or parts of arrays, in it."""
        out = np.zeros((len(self.numbers), N_COLUMNS))
        bounds = np.array(self._bounds)
        starts, inside = bounds[::2], self._line[: self._bounds[-1] + 1]
        with np.errstate(all="ignore"):
            by_row, zeros = self._by_row()
            rows = starts // WIDTH
            out[:, :3] = np.add.reduceat(by_row, rows, axis=1).T
            out[:, MIN] = np.minimum.reduceat(inside, bounds)[::2]
            out[:, MAX] = np.maximum.reduceat(inside, bounds)[::2]
            out[:, N_ZERO] = np.add.reduceat(zeros, rows) - -(bounds[1::2] - starts) % WIDTH
            if not math.isfinite(out[:, SUM].sum()):  # rare: only then is it worth a pass
                pairs = zip(self._bounds[::2], self._bounds[1::2], strict=True)
                out[:, N_BAD] = [j - i - np.count_nonzero(np.isfinite(inside[i:j])) for i, j in pairs]
        return out

    def _by_row(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return (3, n_rows) sums of squares, entries and absolute values; (n_rows,) zeros, with those that fill up."""
        rows = self._line[: self._used].reshape(-1, 1, WIDTH)
        sums = np.empty((3, len(rows), 1, 1))
        zeros = np.empty((len(rows), 1), np.uint64)
        for at in range(0, len(rows), _AT_ONCE):
            part = rows[at : at + _AT_ONCE]
            n = len(part)
            here = slice(at, at + n)
            sums[SUM_SQUARE, here] = np.matmul(part, part.transpose(0, 2, 1))
            sums[SUM, here] = np.matmul(part, self._ones)
            sums[SUM_ABS, here] = np.matmul(np.abs(part, out=self._work[:n]), self._ones)
            mask = np.equal(part, 0, out=self._mask[:n])
            zeros[here] = np.add.reduce(mask.view(np.uint64), axis=2)  # eight counts in one, each 128 at most
        return sums.reshape(3, -1), zeros.view(np.uint8).sum(axis=1, dtype=np.int64)
