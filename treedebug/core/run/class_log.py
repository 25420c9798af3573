"""Class balance: labels, predictions and confusion per class, at scheduled rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ClassRecord:
    """The confusion matrix of one dataset after one round.

    `confusion` (n_classes, n_classes) counts rows, label down, prediction across; `label_weight` (n_classes,) is the
    summed sample weight per label class; `mean_probability` (n_classes,) the mean predicted probability, NaN if
    unknown.
    """

    round_index: int
    dataset: str
    confusion: NDArray[np.int64]
    label_weight: NDArray[np.float64]
    mean_probability: NDArray[np.float64]

    @property
    def n_rows(self) -> int:
        """Rows counted."""
        return int(self.confusion.sum())

    @property
    def label_share(self) -> NDArray[np.float64]:
        """(n_classes,) share of the rows with each label."""
        return _share(self.confusion.sum(axis=1))

    @property
    def weighted_share(self) -> NDArray[np.float64]:
        """(n_classes,) share of the summed weight with each label."""
        return _share(self.label_weight)

    @property
    def predicted_share(self) -> NDArray[np.float64]:
        """(n_classes,) share of the rows predicted as each class."""
        return _share(self.confusion.sum(axis=0))

    @property
    def recall(self) -> NDArray[np.float64]:
        """(n_classes,) NaN for a class without labels."""
        return _ratio(np.diag(self.confusion), self.confusion.sum(axis=1))

    @property
    def precision(self) -> NDArray[np.float64]:
        """(n_classes,) NaN for a class never predicted."""
        return _ratio(np.diag(self.confusion), self.confusion.sum(axis=0))


def _share(counts: NDArray[np.generic]) -> NDArray[np.float64]:
    values = counts.astype(np.float64)
    total = values.sum()
    return values / total if total > 0 else values


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(whole > 0, part / np.maximum(whole, 1), np.nan), dtype=np.float64)


class ClassLog:
    """All class records so far, in order of rounds."""

    def __init__(self, records: list[ClassRecord] | None = None) -> None:
        self._records: list[ClassRecord] = records if records is not None else []

    def append(self, record: ClassRecord) -> None:
        """Add one record."""
        self._records.append(record)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds`."""
        self._records[:] = [r for r in self._records if r.round_index < n_rounds]

    def until(self, n_rounds: int) -> ClassLog:
        """Return the log as it was when `n_rounds` rounds were recorded."""
        return ClassLog([r for r in self._records if r.round_index < n_rounds])

    def datasets(self) -> list[str]:
        """Return the datasets in order of appearance."""
        return list(dict.fromkeys(r.dataset for r in self._records))

    def last(self, dataset: str) -> ClassRecord:
        """Return the latest record of a dataset. Raise KeyError if there is none."""
        for record in reversed(self._records):
            if record.dataset == dataset:
                return record
        raise KeyError(dataset)

    def of(self, dataset: str) -> list[ClassRecord]:
        """Return all records of a dataset, in order of rounds."""
        return [r for r in self._records if r.dataset == dataset]

    def __iter__(self) -> Iterator[ClassRecord]:
        """Yield all records."""
        return iter(list(self._records))

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._records)
