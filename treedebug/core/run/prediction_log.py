"""Predictions of a bounded sample of rows, after the best round and after the last one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.margin_log import kept_rows

MOST_ROWS = 20_000
"""Rows of a dataset that are kept; of more, evenly spaced ones, and of a ranking whole queries."""
MOST_NUMBERS = 400_000
"""Predictions of one dataset and round, over all its outputs: of many classes, fewer rows are kept."""
MARGIN, PROBABILITY, SHARE, VALUE, SCORE = "margin", "probability", "share", "value", "score"
"""Scales: raw scores of classes; probability of each class by itself; probabilities that add up to one; predictions of
amounts; scores of a ranking."""
SCALES = (MARGIN, PROBABILITY, SHARE, VALUE, SCORE)


@dataclass(frozen=True, kw_only=True, eq=False)
class SampledRows:
    """The rows of one dataset whose predictions are kept; arrays (n_kept,)."""

    dataset: str
    n_rows: int
    """Of the dataset."""
    labels: NDArray[np.float32]
    weights: NDArray[np.float32] | None = None
    query_starts: NDArray[np.int64] | None = None
    """(n_queries,) first row in the dataset of each query: of a ranking, of which whole queries are kept."""
    query_sizes: NDArray[np.int64] | None = None
    """(n_queries,) rows of each query."""

    @property
    def rows(self) -> NDArray[np.int64]:
        """(n_kept,) positions in the dataset, ascending."""
        if self.query_starts is None or self.query_sizes is None:
            return kept_rows(self.n_rows, len(self.labels))
        return rows_of_queries(self.query_starts, self.query_sizes)


def rows_of_queries(starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of the rows of queries that begin at `starts` and have `sizes` rows."""
    return np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class PredictionRecord:
    """Predictions of the sampled rows after one round: `scores` (n_kept, n_outputs), one output for two classes."""

    round_index: int
    dataset: str
    scale: str
    scores: NDArray[np.float32]


class PredictionLog:
    """All prediction records so far, in order of rounds, and the rows they belong to."""

    ONLY_AT_END = True
    """Recorded at the end, of earlier rounds too: no look before that saw any of it."""
    MISSING = "no predictions were recorded: the callback records those of the validation sets at the end of training"

    def __init__(self) -> None:
        self.rows: dict[str, SampledRows] = {}
        """By dataset."""
        self._records: list[PredictionRecord] = []
        self.n_changes = 0
        """How often it was added to: it may change after the training, by a replay."""

    def set_rows(self, rows: SampledRows) -> None:
        """Set the rows of a dataset; forget the predictions of the rows kept before."""
        self._records[:] = [r for r in self._records if r.dataset != rows.dataset]
        self.rows[rows.dataset] = rows

    def append(self, record: PredictionRecord) -> None:
        """Add one record; it takes the place of an earlier one of the same dataset and round."""
        place = (record.dataset, record.round_index)
        self._records[:] = [r for r in self._records if (r.dataset, r.round_index) != place]
        self._records.append(record)
        self.n_changes += 1
        self._records.sort(key=lambda r: r.round_index)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds`."""
        self._records[:] = [r for r in self._records if r.round_index < n_rounds]

    def until(self, n_rounds: int) -> PredictionLog:
        """Return the log as it was when `n_rounds` rounds were recorded."""
        view = PredictionLog()
        view.rows = self.rows
        if self._records and self._records[-1].round_index == n_rounds - 1:  # else of an ending before a resume
            view._records = list(self._records)
        return view

    def datasets(self) -> list[str]:
        """Return the datasets with predictions, in the order in which their rows were recorded."""
        held = {r.dataset for r in self._records}
        return [name for name in self.rows if name in held]

    def of(self, dataset: str) -> list[PredictionRecord]:
        """Return all records of a dataset, in order of rounds."""
        return [r for r in self._records if r.dataset == dataset]

    def __iter__(self) -> Iterator[PredictionRecord]:
        """Yield all records."""
        return iter(list(self._records))

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._records)
