"""Sampler: predictions of chosen rows of a live booster; the port of each library makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.prediction_log import MARGIN, PROBABILITY, SHARE, PredictionRecord, SampledRows
from treedebug.recorders.margin_meter import raw_scores
from treedebug.recorders.prediction_meter import PredictionMeter, ToldRows

Predict = Callable[[Any, int | None], NDArray[np.floating]]
"""From the library's handle of a dataset, and the number of rounds or None for all, to predictions of all its rows."""


class Sampler(Protocol):
    """What a session needs of it."""

    @property
    def rows(self) -> Sequence[SampledRows]:
        """The rows chosen, of each validation set; of the training data where only that is evaluated."""

    def now(self, round_index: int) -> Sequence[PredictionRecord]:
        """Predictions now, one record a dataset."""

    def at(self, round_index: int) -> Sequence[PredictionRecord]:
        """Predictions as of an earlier round; empty where that takes long, or cannot be had."""


class PredictionSampler:
    """Implements Sampler from the library's way to predict; `most_work` rows times rounds are predicted again, or none.

    Predictions of classes are recorded as raw scores, but for probabilities of each class by itself.
    """

    def __init__(self, predict: Predict, *, scale: str, most_work: int = 0) -> None:
        self._predict: Predict | None = predict
        self._scale = scale
        self._most_work = most_work
        self._meters: list[tuple[Any, PredictionMeter]] = []

    def add(
        self, sets: Iterable[tuple[Any, str, Callable[[], ToldRows]]], n_classes: int, problems: list[tuple[str, str]]
    ) -> None:
        """Add datasets by handle, name, and what tells of their rows; what the library refuses goes to `problems`.

        Those without one usable label a row are left out.
        """
        for handle, name, tell in sets:
            try:
                self._meters.append((handle, PredictionMeter(name, tell(), n_classes=n_classes)))
            except ValueError:  # labels that are no column, or no classes: there is nothing to draw of them
                continue
            except Exception as error:  # noqa: BLE001 - what is odd in one dataset is no concern of the others
                problems.append(("predictions", str(error)))

    @property
    def rows(self) -> Sequence[SampledRows]:
        """The rows chosen."""
        return [meter.rows for _, meter in self._meters]

    def now(self, round_index: int) -> Sequence[PredictionRecord]:
        """Predictions now."""
        return self._of(round_index, None)

    def at(self, round_index: int) -> Sequence[PredictionRecord]:
        """Predict again, up to an earlier round."""
        work = sum(meter.rows.n_rows for _, meter in self._meters) * (round_index + 1)
        return self._of(round_index, round_index + 1) if work <= self._most_work else ()

    def release(self) -> None:
        """Let go of the booster and the data."""
        self._predict, self._meters = None, []

    def _of(self, round_index: int, n_rounds: int | None) -> list[PredictionRecord]:
        if self._predict is None:
            return []
        found = []
        for handle, meter in self._meters:
            scores = meter.kept(self._predict(handle, n_rounds))
            is_raw = self._scale not in (SHARE, PROBABILITY) or (self._scale == PROBABILITY and scores.shape[1] > 1)
            if is_raw:
                found.append(PredictionRecord(round_index, meter.rows.dataset, self._scale, scores.astype(np.float32)))
            else:
                raw = raw_scores(scores, self._scale)
                found.append(PredictionRecord(round_index, meter.rows.dataset, MARGIN, raw.astype(np.float32)))
        return found
