"""How many distinct values: counted exactly up to a number, estimated from the smallest hashes beyond."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.profiles.scan.cells import Hashes, unique

_ALL = np.uint64(2**64 - 1)
MAX_TALLY = 1024
"""Distinct values whose rows are counted one by one."""


class Distinct:
    """The `size` smallest distinct hashes (bottom-k; Beyer et al., SIGMOD 2007): a set, as long as all fit in."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.hashes: Hashes = np.zeros(0, dtype=np.uint64)

    @property
    def is_exact(self) -> bool:
        """Whether every value is held."""
        return len(self.hashes) < self.size

    @property
    def limit(self) -> np.uint64:
        """Hashes above this one are left out."""
        return _ALL if self.is_exact else np.uint64(self.hashes[-1])

    def update(self, hashes: Hashes) -> None:
        """Take in hashes, repeated or not."""
        if not self.is_exact:
            hashes = hashes[hashes < self.limit]
        if len(hashes):
            self.hashes = unique(np.concatenate([self.hashes, hashes]))[: self.size]

    def estimate(self) -> int:
        """Distinct values: their number, or an unbiased estimate of it, off by 1/sqrt(size) or so."""
        if self.is_exact:
            return len(self.hashes)
        return round((self.size - 1) / (float(self.hashes[-1]) / 2.0**64))


class Tally:
    """Rows per value, exact as long as there are no more than MAX_TALLY values; given up (None) beyond."""

    def __init__(self) -> None:
        self.counts: dict[Any, float] | None = {}

    def update(self, values: Iterable[Any], counts: NDArray[Any]) -> None:
        """Add rows of distinct values."""
        known = self.counts
        if known is None:
            return
        for value, count in zip(values, counts.tolist(), strict=True):
            known[value] = known.get(value, 0) + count
        if len(known) > MAX_TALLY:
            self.counts = None

    def give_up(self) -> None:
        """There are too many values."""
        self.counts = None

    def merge(self, other: Tally) -> None:
        """Take in another tally."""
        if other.counts is None:
            self.counts = None
        else:
            self.update(other.counts, np.array(list(other.counts.values())))
