"""Moments, extremes and order of a column's numbers, batch by batch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOAT32_MAX = float(np.finfo(np.float32).max)


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
        if not len(x):
            return
        low, high = float(x.min()), float(x.max())
        mean = float(x.mean()) if math.isfinite(high - low) else float((x / len(x)).sum())
        centered = x - mean
        beyond = int((np.abs(x) > FLOAT32_MAX).sum()) if max(high, -low) > FLOAT32_MAX else 0
        self.merge(
            Moments(
                n=len(x),
                mean=mean,
                squares=float(np.einsum("i,i", centered, centered)),
                minimum=low,
                maximum=high,
                n_minimum=int(np.count_nonzero(x == low)) if low <= self.minimum else 0,
                n_maximum=int(np.count_nonzero(x == high)) if high >= self.maximum else 0,
                n_zero=len(x) - int(np.count_nonzero(x)),
                n_negative=int((x < 0).sum()) if low < 0 else 0,
                n_beyond_float32=beyond,
                is_whole=bool((x == np.floor(x)).all()) if self.is_whole else False,
            )
        )

    def merge(self, other: Moments) -> None:
        """Take in the moments of other rows."""
        if not other.n:
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
        if not len(x) or not (self.grows or self.falls):
            return
        if self.n:
            x = np.concatenate([[self.last], x])
        else:
            self.first = float(x[0])
        head = x[:64]
        steps = np.diff(head if not _one_way(np.diff(head)) else x)
        self.grows = self.grows and bool((steps > 0).all())
        self.falls = self.falls and bool((steps < 0).all())
        self.by_one = self.by_one and self.grows and bool((steps == 1).all())
        self.last = float(x[-1])
        self.n += 1

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


def _one_way(steps: NDArray[np.float64]) -> bool:
    """Whether it is worth looking further."""
    return bool((steps > 0).all() or (steps < 0).all())
