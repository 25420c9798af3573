"""Predictions of a bounded sample of one dataset's rows, and its errors by size of the label."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from treedebug.core.run.label_error_log import N_BINS, LabelErrorRecord
from treedebug.core.run.margin_log import kept_rows
from treedebug.core.run.prediction_log import (
    MOST_NUMBERS,
    MOST_ROWS,
    VALUE,
    PredictionRecord,
    SampledRows,
    rows_of_queries,
)
from treedebug.recorders.class_counter import are_classes

Floats = NDArray[np.floating]


class ToldRows(NamedTuple):
    """What the library tells of a dataset's rows; `query_sizes` of a ranking, of which whole queries are kept."""

    n_rows: int
    label: ArrayLike | None
    weight: ArrayLike | None = None
    query_sizes: ArrayLike | None = None


class PredictionMeter:
    """Keeps the predictions of a sample of the rows.

    Raises ValueError unless there is one label a row, and, of a classification, each is one of `n_classes`.
    """

    def __init__(
        self,
        dataset: str,
        told: ToldRows,
        *,
        n_classes: int = 0,
    ) -> None:
        n_rows = told.n_rows
        values = np.asarray(told.label if told.label is not None else [], dtype=np.float64)
        if values.shape != (n_rows,) or not n_rows:
            raise ValueError(f"predictions of {dataset!r} are not recorded: expected one label a row")
        if n_classes and not are_classes(values, n_classes):
            raise ValueError(f"predictions of {dataset!r} are not recorded: labels are not 0 to {n_classes - 1}")
        most = max(1, min(MOST_ROWS, MOST_NUMBERS // max(n_classes, 1)))
        sizes = None if told.query_sizes is None else np.asarray(told.query_sizes, dtype=np.int64)
        starts = None
        if sizes is not None and int(sizes.sum()) == n_rows:
            starts, sizes = _whole_queries(sizes, most)
            self._kept = rows_of_queries(starts, sizes)
        else:
            sizes, self._kept = None, kept_rows(n_rows, min(n_rows, most))
        weights = np.asarray(told.weight if told.weight is not None else [], dtype=np.float32)
        self.rows = SampledRows(
            dataset=dataset,
            n_rows=n_rows,
            labels=values[self._kept].astype(np.float32),
            weights=weights[self._kept] if weights.shape == (n_rows,) else None,
            query_starts=starts,
            query_sizes=sizes,
        )

    def kept(self, scores: Floats) -> Floats:
        """Return (n_kept, n_outputs) of scores (n_rows,) or (n_rows, n_outputs) of all rows."""
        if len(scores) != self.rows.n_rows:
            raise ValueError(
                f"predictions of {self.rows.dataset!r}: {self.rows.n_rows} labels, {len(scores)} predictions"
            )
        kept = scores if len(self._kept) == len(scores) else scores[self._kept]
        return kept.reshape(len(kept), -1)


class LabelErrors:
    """Errors of the sampled predictions of amounts, in bins of equally many labels."""

    def __init__(self, rows: SampledRows) -> None:
        labels = rows.labels.astype(np.float64)
        self._known = np.isfinite(labels)
        self._labels = labels[self._known]
        self.edges = _edges(self._labels)
        self._place = np.searchsorted(self.edges[1:-1], self._labels, side="right")
        self._n_bins = max(len(self.edges) - 1, 0)
        self._n_rows = np.bincount(self._place, minlength=self._n_bins)[: self._n_bins]

    def measure(self, record: PredictionRecord) -> LabelErrorRecord | None:
        """Return the errors of one round; None for anything but one amount a row."""
        if record.scale != VALUE or record.scores.shape[1] != 1 or not self._n_bins:
            return None
        error = record.scores[self._known, 0].astype(np.float64) - self._labels
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.bincount(self._place, error, self._n_bins) / self._n_rows
            absolute = np.bincount(self._place, np.abs(error), self._n_bins) / self._n_rows
        return LabelErrorRecord(record.round_index, record.dataset, self.edges, self._n_rows, mean, absolute)


def _whole_queries(sizes: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (starts, sizes) of evenly spaced queries that have at most `most` rows together."""
    n_rows = int(sizes.sum())
    n_kept = len(sizes) if n_rows <= most else max(1, len(sizes) * most // n_rows)
    chosen = kept_rows(len(sizes), n_kept)
    chosen = chosen[np.cumsum(sizes[chosen]) <= most]
    return (np.cumsum(sizes) - sizes)[chosen], sizes[chosen]


def _edges(labels: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(labels):
        return np.zeros(0)
    found = np.unique(np.quantile(labels, np.linspace(0.0, 1.0, N_BINS + 1)))
    return found if len(found) > 1 else np.array([found[0], found[0]])
