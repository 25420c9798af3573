"""Row margins: how far the model stands behind each row's label, over the rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Margins = NDArray[np.float32]

DENSE_ROUNDS = 25
"""Rounds recorded one by one, from the first; after them, check rounds and the last."""


@dataclass(frozen=True)
class MarginRecord:
    """The margins of one dataset's rows after one round; all arrays (n_kept,), float32.

    `margin` of a classification is the raw score of the row's own class minus the best other one (two classes: the raw
    score, negated for class 0), so that it is negative where the model contradicts the label. Of a regression it is
    minus the absolute residual. `lead` is the raw score of the predicted class minus the second best one, and `loss`
    the row's log loss; both None where the margin alone tells them (anything but three or more classes).
    `n_rows` are the dataset's rows: of more than were to be kept, evenly spaced ones were, see `kept_rows`.
    """

    round_index: int
    dataset: str
    n_rows: int
    margin: Margins
    lead: Margins | None = None
    loss: Margins | None = None


def kept_rows(n_rows: int, n_kept: int) -> NDArray[np.int64]:
    """Return (n_kept,) the indices of the rows kept of `n_rows`: all, or evenly spaced ones."""
    return np.arange(n_kept, dtype=np.int64) * n_rows // max(n_kept, 1)


def row_losses(record: MarginRecord, n_classes: int) -> Margins:
    """Return (n_kept,) log loss of each row; NaN for a regression."""
    if record.loss is not None:
        return record.loss
    if not n_classes:
        return np.full_like(record.margin, np.nan)
    with np.errstate(invalid="ignore"):  # a margin may be NaN
        return np.logaddexp(np.float32(0), -record.margin)


class MarginLog:
    """All margin records so far, in order of rounds, and the label of each row that is kept."""

    def __init__(self, records: list[MarginRecord] | None = None, labels: dict[str, Margins] | None = None) -> None:
        self._records: list[MarginRecord] = records if records is not None else []
        self.labels: dict[str, Margins] = labels if labels is not None else {}
        """By dataset (n_kept,): class numbers or amounts."""

    def set_labels(self, dataset: str, labels: Margins) -> None:
        """Set the labels of the rows to come; forget what was kept of other rows before a training was resumed."""
        if dataset in self.labels and len(self.labels[dataset]) != len(labels):
            self._records[:] = [r for r in self._records if r.dataset != dataset]
        self.labels[dataset] = labels

    def append(self, record: MarginRecord) -> None:
        """Add one record."""
        self._records.append(record)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds`."""
        self._records[:] = [r for r in self._records if r.round_index < n_rounds]

    def until(self, n_rounds: int) -> MarginLog:
        """Return the log as it was when `n_rounds` rounds were recorded."""
        return MarginLog([r for r in self._records if r.round_index < n_rounds], self.labels)

    def datasets(self) -> list[str]:
        """Return the datasets in order of appearance."""
        return list(dict.fromkeys(r.dataset for r in self._records))

    def of(self, dataset: str) -> list[MarginRecord]:
        """Return all records of a dataset, in order of rounds."""
        return [r for r in self._records if r.dataset == dataset]

    def __iter__(self) -> Iterator[MarginRecord]:
        """Yield all records."""
        return iter(list(self._records))

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._records)
