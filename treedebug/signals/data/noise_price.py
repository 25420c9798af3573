"""What wrong labels of two classes cost, counted in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_MOST = 0.45
"""Nearer to one half nothing is left of the labels, and the formula says no more."""


@dataclass(frozen=True)
class NoisePrice:
    """Wrong labels as lost rows, if each label is wrong with the same chance."""

    n_rows: int
    worth: int
    """As many rows with right labels would teach as much."""
    new_rows: int
    """As many more rows of the same quality would be worth mending all labels."""
    rare_precision: float
    """Share of the rows labelled as the rarer class that belong to it."""


def noise_price(counts: Sequence[float], share: float) -> NoisePrice | None:
    """Return what a share of wrong labels costs, by the rows of each class as labelled; None unless there are two.

    n rows with a share rho of wrong labels teach as much as n (1 - 2 rho)^2 right ones, where no class is rare.
    """
    if len(counts) != 2 or min(counts) <= 0 or not 0.0 < share <= _MOST:  # the classes
        return None
    n, left = int(sum(counts)), (1.0 - 2.0 * share) ** 2
    labelled = min(counts) / n
    true = max((labelled - share) / (1.0 - 2.0 * share), 0.0)
    return NoisePrice(n, round(left * n), round(n / left) - n, true * (1.0 - share) / labelled)
