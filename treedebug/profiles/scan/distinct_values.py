"""How many distinct values: counted exactly up to a number, estimated from the smallest hashes beyond."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import NUMBER, Value
from treedebug.profiles.scan.cells import Hashes, plain_number, unique

_ALL = np.uint64(2**64 - 1)
_NO_HASHES, _NO_NUMBERS, _NO_ROWS = np.zeros(0, dtype=np.uint64), np.zeros(0), np.zeros(0, dtype=np.int64)
MAX_TALLY = 1024
"""Distinct values whose rows are counted one by one."""


class Distinct:
    """The `size` smallest distinct hashes (bottom-k; Beyer et al., SIGMOD 2007): a set, as long as all fit in.

    Hashes are gathered as they come and sorted once there are many, or somebody asks: sorting is what costs.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._gathered: list[Hashes] = []
        self._n_gathered = 0
        self._is_settled = True
        """Whether what is gathered is one array of distinct hashes in order."""
        self._limit = _ALL

    @property
    def hashes(self) -> Hashes:
        """The smallest ones, in order."""
        self.settle()
        return self._gathered[0] if self._gathered else _NO_HASHES

    @property
    def is_exact(self) -> bool:
        """Whether every value is held."""
        return bool(self.limit == _ALL)

    @property
    def limit(self) -> np.uint64:
        """Hashes above this one are left out."""
        self.settle()
        return self._limit

    @property
    def is_complete(self) -> bool:
        """Whether all of the smallest are there, and not only those that thinned parts have left."""
        return self.is_exact or len(self.hashes) >= self.size

    def update(self, hashes: Hashes, *, are_distinct: bool = False) -> None:
        """Take in hashes, repeated or not; those that `are_distinct` are in order as well."""
        if self._limit != _ALL:
            hashes = hashes[hashes < self._limit]
        if not len(hashes):
            return
        self._is_settled = are_distinct and not self._gathered and len(hashes) <= self.size
        self._gathered.append(hashes)
        self._n_gathered += len(hashes)
        if self._n_gathered > 1.5 * self.size:
            self.settle()

    def settle(self) -> None:
        """Sort what was gathered, and hold each hash once."""
        if self._is_settled:
            return
        hashes = unique(np.concatenate(self._gathered))[: self.size]
        self._gathered, self._n_gathered, self._is_settled = [hashes], len(hashes), True
        if len(hashes) >= self.size:
            self._limit = np.uint64(hashes[-1])

    def merge(self, other: Distinct) -> None:
        """Take in the hashes of other rows."""
        if other.limit < self.limit:
            self._gathered = [self.hashes[self.hashes <= other.limit]]
            self._n_gathered, self._limit = len(self._gathered[0]), other.limit
        self.update(other.hashes, are_distinct=True)

    def thin(self, most: int) -> None:
        """Leave out all but the `most` smallest."""
        if len(self.hashes) > most:
            self._gathered, self._n_gathered = [self.hashes[:most]], most
            self._limit = np.uint64(self.hashes[-1])

    def estimate(self) -> int:
        """Distinct values: their number, or an unbiased estimate of it, off by 1/sqrt(size) or so."""
        if self.is_exact:
            return len(self.hashes)
        return round((len(self.hashes) - 1) / (float(self.hashes[-1]) / 2.0**64))


class Tally:
    """Rows per value, exact as long as there are no more than MAX_TALLY values; given up (None) beyond.

    Numbers are held as arrays, and become values of Python where somebody asks for them: a wide table has millions.
    """

    def __init__(self, kind: str = NUMBER) -> None:
        self.kind = kind
        """That of the column, which says how its numbers read."""
        self.texts: dict[Value, float] | None = {}
        self.values: NDArray[np.float64] | None = _NO_NUMBERS
        """Numbers in order, and the rows of each."""
        self.rows: NDArray[np.int64] = _NO_ROWS

    @property
    def is_exact(self) -> bool:
        """Whether it was not given up."""
        return self.values is not None

    @property
    def counts(self) -> dict[Value, float] | None:
        """Rows by value; None where it was given up."""
        if self.values is None or self.texts is None:
            return None
        if not len(self.values):
            return self.texts
        numbers = zip(self.values.tolist(), self.rows.tolist(), strict=True)
        return {plain_number(v, self.kind): n for v, n in numbers} | self.texts

    def update(self, texts: Iterable[str], counts: NDArray[Any]) -> None:
        """Add rows of distinct texts."""
        known = self.texts
        if known is None:
            return
        for text, count in zip(texts, counts.tolist(), strict=True):
            known[text] = known.get(text, 0) + count
        if len(known) > MAX_TALLY:
            self.give_up()

    def update_numbers(self, values: NDArray[np.float64], rows: NDArray[Any]) -> None:
        """Add rows of distinct numbers, in order."""
        if self.values is None:
            return
        if len(self.values):
            joined, at = np.unique(np.concatenate([self.values, values]), return_inverse=True)
            rows = np.bincount(at, np.concatenate([self.rows, rows]))
            values = joined
        self.values, self.rows = values, np.asarray(rows, dtype=np.int64)
        if len(values) > MAX_TALLY:
            self.give_up()

    def give_up(self) -> None:
        """There are too many values."""
        self.texts = self.values = None
        self.rows = _NO_ROWS

    def merge(self, other: Tally) -> None:
        """Take in another tally."""
        if other.values is None or other.texts is None:
            self.give_up()
        else:
            self.update(other.texts, np.array(list(other.texts.values())))
            self.update_numbers(other.values, other.rows)


def counted(values: NDArray[np.float64], *, is_sorted: bool = False) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the distinct numbers, sorted, and how often each is there."""
    ordered = values if is_sorted else np.sort(values)
    if not len(ordered):
        return ordered, np.zeros(0, dtype=np.int64)
    starts = np.append(0, np.flatnonzero(ordered[1:] != ordered[:-1]) + 1)
    return ordered[starts], np.diff(np.append(starts, len(ordered)))
