"""Sample weights, batch by batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import NAN
from treedebug.core.data.table_profile import WeightProfile
from treedebug.core.errors import ConfigError
from treedebug.profiles.scan.cells import CODED, NUMERIC, Cells, as_floats, number_hashes, plain_number, plain_text
from treedebug.profiles.scan.distinct_values import Distinct
from treedebug.profiles.scan.moments import Moments

_TOP = 0.01


class WeightScan:
    """Counts and sums of a column of weights."""

    def __init__(self) -> None:
        self.n_rows = self.n_missing = self.n_infinite = 0
        self.moments = Moments()
        self.total = self.squares = 0.0
        """Of the positive weights."""
        self.distinct = Distinct(4096)

    def update(self, cells: Cells) -> NDArray[np.float64]:
        """Take in the next rows; returns their weights, NaN where missing. Raises ConfigError for weights of text."""
        if cells.kind not in NUMERIC and cells.present.any():
            raise ConfigError(f"weights must be numbers; got a column of the kind {cells.kind!r} ({cells.dtype})")
        weights = as_floats(cells) if cells.kind in NUMERIC else np.full(len(cells), np.nan)
        finite = weights[np.isfinite(weights)]
        positive = finite[finite > 0]
        self.n_rows += len(weights)
        self.n_missing += int(np.isnan(weights).sum())
        self.n_infinite += int(np.isinf(weights).sum())
        self.moments.update(finite)
        self.total += float(positive.sum())
        self.squares += float(np.einsum("i,i", positive, positive))
        self.distinct.update(number_hashes(finite))
        return weights

    def merge(self, other: WeightScan) -> None:
        """Take in the rows that follow these."""
        for name in ("n_rows", "n_missing", "n_infinite", "total", "squares"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.moments.merge(other.moments)
        self.distinct.update(other.distinct.hashes)

    def profile(self, name: str, sample: NDArray[np.float64]) -> WeightProfile:
        """The numbers, those of shares from a sample of the weights."""
        positive = np.sort(sample[np.isfinite(sample) & (sample > 0)])
        heaviest = positive[len(positive) - max(1, int(len(positive) * _TOP)) :]
        m = self.moments
        return WeightProfile(
            name=name,
            n_rows=self.n_rows,
            n_missing=self.n_missing,
            n_infinite=self.n_infinite,
            n_negative=m.n_negative,
            n_zero=m.n_zero,
            n_distinct=self.distinct.estimate(),
            minimum=m.minimum if m.n else NAN,
            maximum=m.maximum if m.n else NAN,
            mean=m.mean if m.n else NAN,
            total=self.total,
            effective_rows=self.total**2 / self.squares if self.squares else 0.0,
            top_share=float(heaviest.sum() / positive.sum()) if len(positive) else NAN,
            median=float(np.median(positive)) if len(positive) else NAN,
        )


def label_weights(label: Cells, weights: NDArray[np.float64]) -> dict[Any, float]:
    """Summed finite weight per label value."""
    counted = np.where(np.isfinite(weights), weights, 0.0)[label.present]
    values = label.values[label.present]
    if label.kind in CODED:
        sums = np.bincount(values, counted, minlength=len(label.levels))
        return {plain_text(label.levels[i]): float(sums[i]) for i in np.unique(values).tolist()}
    numbers, inverse = np.unique(as_floats(label)[label.present], return_inverse=True)
    sums = np.bincount(inverse, counted, minlength=len(numbers))
    return {plain_number(v, label.kind): s for v, s in zip(numbers.tolist(), sums.tolist(), strict=True)}
