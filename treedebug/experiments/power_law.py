"""A power law through the losses of a learning curve, and what it says of twice the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_EXPONENTS = np.linspace(0.05, 2.0, 196)
_DRAWS = 400
_STUDENT = 1.4
"""How much wider than normal the errors are drawn: three seeds a size know their own scatter badly."""


@dataclass(frozen=True)
class PowerLaw:
    """loss(n) = floor + factor * n ** -exponent (Viering and Loog, 2023, compare the forms; POW3 here)."""

    floor: float
    factor: float
    exponent: float

    def at(self, n_rows: float) -> float:
        """Return the loss at a number of rows."""
        return float(self.floor + self.factor * n_rows**-self.exponent)


@dataclass(frozen=True)
class Expected:
    """A loss that was not measured, with the interval that holds it nine times in ten."""

    n_rows: int
    loss: float
    low: float
    high: float


def fit(n_rows: Floats, losses: Floats, errors: Floats, ceiling: float) -> PowerLaw:
    """Return the law of least squares, weighted by 1 / errors**2; the floor is between 0 and `ceiling`, losses fall.

    `ceiling` is a constant's loss. Negative losses (of a user's own measure) shift the lower bound.
    """
    floor, factor, exponent = _fit_all(n_rows, losses[None, :], errors, ceiling)
    return PowerLaw(float(floor[0]), float(factor[0]), float(exponent[0]))


def _fit_all(n_rows: Floats, losses: Floats, errors: Floats, ceiling: float) -> tuple[Floats, Floats, Floats]:
    """Return floors, factors and exponents, (n_draws,), of many curves (n_draws, n_sizes) over the same sizes."""
    weight = 1.0 / np.maximum(errors, 1e-12) ** 2
    weight /= weight.sum()
    lowest = min(0.0, 2.0 * float(losses.min()))
    powers = n_rows[None, :] ** -_EXPONENTS[:, None]  # (n_exponents, n_sizes)
    mean_x, mean_y = powers @ weight, losses @ weight
    away = powers - mean_x[:, None]
    slope = np.maximum((losses - mean_y[:, None]) @ (weight * away).T / (away**2 @ weight), 0.0)
    free = mean_y[:, None] - slope * mean_x
    floor = np.clip(free, lowest, max(ceiling, lowest))
    # Where the floor meets a bound, the slope is fitted anew through it.
    through = ((losses @ (weight * powers).T) - floor * mean_x) / (powers**2 @ weight)
    slope = np.where(floor == free, slope, np.maximum(through, 0.0))
    rest = losses[:, None, :] - floor[:, :, None] - slope[:, :, None] * powers[None, :, :]
    best = (rest**2 @ weight).argmin(axis=1)
    at = np.arange(len(losses)), best
    return floor[at], slope[at], _EXPONENTS[best]


def expect(n_rows: Floats, losses: Floats, errors: Floats, ceiling: float, target: int) -> Expected:
    """Return the loss at `target` rows with an interval of 90 %: the law is fitted anew to losses drawn about it.

    The errors drawn are those of the seeds, or the law's own misfit where that is larger; what a measurement at the
    target would scatter by is added.
    """
    law = fit(n_rows, losses, errors, ceiling)
    fitted = np.array([law.at(n) for n in n_rows])
    misfit = float(np.sqrt(((losses - fitted) ** 2).sum() / max(len(losses) - 3, 1)))
    scale = _STUDENT * np.sqrt(errors**2 + misfit**2)
    rng = np.random.default_rng(0)
    draws = fitted + scale * rng.normal(size=(_DRAWS, len(losses)))
    floor, factor, exponent = _fit_all(n_rows, draws, errors, ceiling)
    drawn = floor + factor * float(target) ** -exponent + scale[-1] * rng.normal(size=_DRAWS)
    low, high = np.quantile(drawn, [0.05, 0.95])
    return Expected(target, law.at(target), float(low), float(high))
