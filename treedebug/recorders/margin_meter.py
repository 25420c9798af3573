"""Row margins of one dataset: how far the model stands behind each row's label."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from treedebug.core.run.margin_log import MarginRecord, Margins, kept_rows
from treedebug.recorders.class_counter import are_classes

MOST_ROWS = 50_000
"""Rows of a dataset that `row_margins=True` keeps; of more, evenly spaced ones."""
_TINY = 1e-15


class RowMeter:
    """Margins of a dataset's rows, or of `most` evenly spaced ones.

    Raises ValueError if there is not one label a row, or a label is no class of `n_classes` (0: a regression).
    """

    def __init__(self, dataset: str, label: ArrayLike | None, n_classes: int, *, most: int) -> None:
        values = np.asarray(label if label is not None else [], dtype=np.float64)
        if values.ndim != 1 or not values.size:
            raise ValueError(f"row margins of {dataset!r} are not recorded: expected one label a row")
        if n_classes and not are_classes(values, n_classes):
            raise ValueError(f"row margins of {dataset!r} are not recorded: labels are not 0 to {n_classes - 1}")
        self.dataset = dataset
        self._n_rows = len(values)
        self._kept = None if len(values) <= most else kept_rows(len(values), most)
        self._values = values if self._kept is None else values[self._kept]
        self._n_classes = n_classes
        self._own = self._values.astype(np.int64) if n_classes else np.zeros(0, dtype=np.int64)
        self._sign = np.where(self._own > 0, np.float32(1), np.float32(-1))
        self._at = np.arange(len(self._own))

    @property
    def labels(self) -> Margins:
        """(n_kept,) labels of the rows kept."""
        return self._values.astype(np.float32)

    def measure(self, round_index: int, scores: NDArray[np.floating], *, scale: str = "margin") -> MarginRecord:
        """Return the record of one round, from scores (n_rows,) or (n_rows, n_classes); of a regression, predictions.

        `scale` of a classification is "margin" for raw scores, "probability" for those of each class by itself, or
        "share" for probabilities that add up to one.
        """
        if len(scores) != self._n_rows:
            raise ValueError(f"row margins of {self.dataset!r}: {self._n_rows} labels, {len(scores)} predictions")
        kept = scores if self._kept is None else scores[self._kept]
        place = (round_index, self.dataset, self._n_rows)
        if not self._n_classes:
            return MarginRecord(*place, (-np.abs(self._values - kept)).astype(np.float32))
        kept = raw_scores(kept, scale)
        if kept.ndim == 1:
            return MarginRecord(*place, (self._sign * kept).astype(np.float32, copy=False))
        return MarginRecord(*place, *self._of_many(kept))

    def _of_many(self, scores: NDArray[np.floating]) -> tuple[Margins, Margins, Margins]:
        """Margin, lead and log loss of three or more classes."""
        two = np.partition(scores, -2, axis=1)
        best, second = two[:, -1], two[:, -2]
        own = scores[self._at, self._own]
        margin = own - np.where(scores.argmax(axis=1) == self._own, second, best)
        loss = np.log(np.exp(scores - best[:, None]).sum(axis=1)) - (own - best)
        return margin.astype(np.float32), (best - second).astype(np.float32), loss.astype(np.float32)


def raw_scores(scores: NDArray[np.floating], scale: str) -> NDArray[np.floating]:
    """Raw scores of what the library predicts: probabilities become logits, shares of one whole logarithms."""
    if scale == "margin":
        return scores
    p = np.clip(np.asarray(scores, dtype=np.float64), _TINY, 1.0 - _TINY)
    return np.asarray(np.log(p if scale == "share" else p / (1.0 - p)))
