"""Moments, extremes and order of a column's numbers, batch by batch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOAT32_MAX = float(np.finfo(np.float32).max)
_HEAD = 64
"""Numbers of a column that are looked at first."""


@dataclass
class Moments:
    """Of finite numbers. Mean and squares merge as in Chan, Golub, LeVeque (1983)."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0
    """Summed squared distances from the mean."""
    minimum: float = math.inf
    maximum: float = -math.inf
    n_minimum: int = 0
    """Rows that hold the smallest number, and the largest."""
    n_maximum: int = 0
    n_zero: int = 0
    n_negative: int = 0
    n_beyond_float32: int = 0
    is_whole: bool = True

    def update(self, x: NDArray[np.float64]) -> None:
        """Take in finite numbers."""
        if len(x):
            self.merge(moments_of(x[None, :])[0])

    def merge(self, other: Moments) -> None:
        """Take in the moments of other rows."""
        if not other.n:
            return
        if not self.n:
            vars(self).update(vars(other))
            return
        n = self.n + other.n
        step = other.mean - self.mean
        if not math.isfinite(other.mean * self.n):
            self.mean = self.mean * (self.n / n) + other.mean * (other.n / n)
        else:
            self.mean += step * (other.n / n)
        self.squares += other.squares + step * step * (self.n * (other.n / n))
        self.n = n
        self.n_minimum = _at_extreme(self.minimum, other.minimum, self.n_minimum, other.n_minimum, lower=True)
        self.n_maximum = _at_extreme(self.maximum, other.maximum, self.n_maximum, other.n_maximum, lower=False)
        self.minimum, self.maximum = min(self.minimum, other.minimum), max(self.maximum, other.maximum)
        self.n_zero += other.n_zero
        self.n_negative += other.n_negative
        self.n_beyond_float32 += other.n_beyond_float32
        self.is_whole = self.is_whole and other.is_whole

    @property
    def std(self) -> float:
        """With n in the denominator; NaN without numbers."""
        return math.sqrt(max(self.squares, 0.0) / self.n) if self.n else math.nan


def _at_extreme(mine: float, other: float, n_mine: int, n_other: int, *, lower: bool) -> int:
    """Rows at the extreme of both."""
    if mine == other:
        return n_mine + n_other
    return n_mine if (mine < other) == lower else n_other


@dataclass
class Order:
    """Whether numbers grow, or fall, from row to row."""

    first: float = math.nan
    last: float = math.nan
    n: int = 0
    grows: bool = True
    falls: bool = True
    by_one: bool = True

    def update(self, x: NDArray[np.float64]) -> None:
        """The next rows; one that is missing or not finite ends all order."""
        if len(x) and (self.grows or self.falls):
            self.merge(orders_of(x[None, :])[0])

    def merge(self, other: Order) -> None:
        """What follows these rows."""
        if not other.n:
            self.grows, self.falls = self.grows and other.grows, self.falls and other.falls
            return
        if self.n:
            step = other.first - self.last
            self.grows = self.grows and other.grows and step > 0
            self.falls = self.falls and other.falls and step < 0
            self.by_one = self.by_one and other.by_one and step == 1
        else:
            self.first, self.by_one = other.first, other.by_one
            self.grows, self.falls = self.grows and other.grows, self.falls and other.falls
        self.last, self.n = other.last, self.n + other.n

    def name(self, n_rows: int) -> str:
        """Say "increasing", "decreasing", or nothing (as for a single row)."""
        if n_rows < 2 or not self.n or self.grows == self.falls:  # two rows make an order
            return ""
        return "increasing" if self.grows else "decreasing"


def moments_of(block: NDArray[np.float64]) -> list[Moments]:
    """Those of each row of a block (k, n) of finite numbers, n > 0."""
    n = block.shape[1]
    low, high = block.min(axis=1), block.max(axis=1)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = block.mean(axis=1)
        wide = ~np.isfinite(high - low)
        if wide.any():
            mean[wide] = (block[wide] / n).sum(axis=1)
        centered = block - mean[:, None]
        squares = np.einsum("ij,ij->i", centered, centered)
    far = np.maximum(high, -low) > FLOAT32_MAX
    beyond = np.zeros(len(block), dtype=np.int64)
    beyond[far] = (np.abs(block[far]) > FLOAT32_MAX).sum(axis=1)
    negative = np.zeros(len(block), dtype=np.int64)
    negative[low < 0] = (block[low < 0] < 0).sum(axis=1)
    whole = (block[:, :_HEAD] == np.floor(block[:, :_HEAD])).all(axis=1)
    if n > _HEAD and whole.any():
        whole[whole] = (block[whole] == np.floor(block[whole])).all(axis=1)
    facts = (
        mean, squares, low, high, (block == low[:, None]).sum(axis=1), (block == high[:, None]).sum(axis=1),
        (block == 0).sum(axis=1), negative, beyond, whole,
    )  # fmt: skip
    return [Moments(n, *row) for row in zip(*(fact.tolist() for fact in facts), strict=True)]


def orders_of(block: NDArray[np.float64]) -> list[Order]:
    """Those of each row of a block (k, n) of finite numbers, n > 0."""
    steps = np.diff(block[:, :_HEAD])
    grows, falls, by_one = (np.asarray(x.all(axis=1)) for x in (steps > 0, steps < 0, steps == 1))
    for i in np.flatnonzero(grows | falls).tolist() if block.shape[1] > _HEAD else ():  # worth looking further
        rest = np.diff(block[i])
        grows[i], falls[i], by_one[i] = (rest > 0).all(), (rest < 0).all(), (rest == 1).all()
    facts = (block[:, 0], block[:, -1], grows, falls, by_one & grows)
    return [
        Order(first, last, 1, up, down, one)
        for first, last, up, down, one in zip(*(fact.tolist() for fact in facts), strict=True)
    ]
