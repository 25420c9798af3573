"""Paired differences of two methods over tables and seeds, with a bootstrap interval over the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from treedebug.core.errors import ConfigError

Cell = tuple[str, int]
"""A table and a seed."""
N_RESAMPLES = 10_000
_SEED = 20_251
_HUNDRED = 100.0


@dataclass(frozen=True)
class Paired:
    """Relative differences in percent of the other's loss, below 0 where the first is lower."""

    mean: float
    low: float
    high: float
    """The 95 % bootstrap interval of the mean, tables (or seeds, where there is one table) drawn with replacement."""
    n_lower: int
    """Cells in which the first has the lower loss."""
    n_cells: int
    n_tables: int
    worst: float
    """The largest difference of a table, in the mean over its seeds."""

    @property
    def verdict(self) -> str:
        """Say "better" or "worse" only where the interval excludes 0, else "no difference shown"."""
        if self.high < 0.0:
            return "better"
        return "worse" if self.low > 0.0 else "no difference shown"


def paired(losses: Mapping[Cell, float], others: Mapping[Cell, float]) -> Paired:
    """Compare losses (lower is better) of the same cells, equal weight for each table.

    The interval resamples whole tables: seeds of one table share its rows and are no independent evidence. Raise
    ConfigError unless both have the same cells, and finite losses other than 0 in each.
    """
    if not losses or set(losses) != set(others):
        raise ConfigError("paired differences need the same tables and seeds of both methods")
    values, bases = (np.array([m[cell] for cell in losses]) for m in (losses, others))
    if not (np.isfinite(values).all() and np.isfinite(bases).all() and (bases != 0).all()):
        raise ConfigError("paired differences need finite losses, and no 0 in those compared with")
    differences = _HUNDRED * (values - bases) / np.abs(bases)
    tables = np.array([cell[0] for cell in losses])
    names = list(dict.fromkeys(tables.tolist()))
    by_table = np.array([differences[tables == name].mean() for name in names])
    units = by_table if len(names) > 1 else differences
    draws = np.random.default_rng(_SEED).integers(0, len(units), (N_RESAMPLES, len(units)))
    low, high = np.quantile(units[draws].mean(axis=1), [0.025, 0.975])
    return Paired(
        mean=float(by_table.mean()),
        low=float(low),
        high=float(high),
        n_lower=int((differences < 0).sum()),
        n_cells=len(differences),
        n_tables=len(names),
        worst=float(by_table.max()),
    )
