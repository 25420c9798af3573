"""Errors of a regression by size of the label, at scheduled rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
N_BINS = 8
"""Bins of the labels, of equally many rows each where labels differ."""


@dataclass(frozen=True, eq=False)
class LabelErrorRecord:
    """Errors of one dataset after one round, by bin of the label; arrays (n_bins,), NaN for a bin without rows.

    `edges` (n_bins + 1,) are the bounds of the bins, `mean_error` the mean of prediction less label,
    `mean_absolute_error` that of its absolute value.
    """

    round_index: int
    dataset: str
    edges: Floats
    n_rows: NDArray[np.int64]
    mean_error: Floats
    mean_absolute_error: Floats


class LabelErrorLog:
    """All label error records so far, in order of rounds."""

    def __init__(self, records: list[LabelErrorRecord] | None = None) -> None:
        self._records: list[LabelErrorRecord] = records if records is not None else []

    def append(self, record: LabelErrorRecord) -> None:
        """Add one record."""
        self._records.append(record)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds`."""
        self._records[:] = [r for r in self._records if r.round_index < n_rounds]

    def until(self, n_rounds: int) -> LabelErrorLog:
        """Return the log as it was when `n_rounds` rounds were recorded."""
        return LabelErrorLog([r for r in self._records if r.round_index < n_rounds])

    def datasets(self) -> list[str]:
        """Return the datasets in order of appearance."""
        return list(dict.fromkeys(r.dataset for r in self._records))

    def of(self, dataset: str) -> list[LabelErrorRecord]:
        """Return all records of a dataset, in order of rounds."""
        return [r for r in self._records if r.dataset == dataset]

    def __iter__(self) -> Iterator[LabelErrorRecord]:
        """Yield all records."""
        return iter(list(self._records))

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._records)
