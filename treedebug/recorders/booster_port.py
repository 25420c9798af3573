"""BoosterPort: what a session needs of one booster while it trains; one implementation per library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.margin_log import MarginRecord
from treedebug.recorders.margin_meter import RowMeter
from treedebug.recorders.prediction_sampler import PredictionSource


class BoosterPort(Protocol):
    """Reads a live booster and never changes it. Any method may raise; the session notes it."""

    has_trees: bool
    """False for gblinear."""
    rescales: bool
    """DART: trees already built change weight later."""
    trees_per_round: int
    has_trees_at_end: bool
    """The trees are rewritten as it trains, and are what they are only at the end (process_type="update")."""
    is_digested_whole: bool
    """`digests` needs no fetch: those of all trees are compared, else those of some fetches."""

    def digests(self, raw: bytes, start: int, stop: int) -> list[float]:
        """Return numbers that differ if the trees of these iterations do, which `raw` holds as they were fetched."""

    def final_facts(self) -> dict[str, Any]:
        """Return the header fields that are known at the end alone, if there are any."""

    def iterations(self) -> int:
        """Boosting iterations in the booster now."""

    def fetch(self, start: int, stop: int) -> bytes:
        """Return the trees of iterations `start` to `stop`, as the library's own model file of those alone."""

    def weights(self) -> NDArray[np.float64] | None:
        """(n_trees,) current weights, or None if the library rescales leaf values in place."""

    def describe(self) -> dict[str, Any]:
        """Header fields known once the first round is done."""

    def shortcomings(self) -> Sequence[tuple[str, str]]:
        """(topic, message) of everything that will not be recorded of this training, and why."""

    def classes(self, round_index: int, *, evaluated: bool, training: bool) -> Sequence[ClassRecord]:
        """Class balance now: of the evaluated datasets, and of the training data, one record each.

        The training data counts as an evaluated dataset where there is no other. Empty where there are no classes.
        """

    def meter_rows(self, most: int) -> Sequence[RowMeter]:
        """Prepare `margins`, for at most so many rows of each dataset; after `describe`. `shortcomings` has the rest.

        The training data counts whether it is evaluated or not.
        """

    def margins(self, round_index: int) -> Sequence[MarginRecord]:
        """Row margins now, one record a dataset that `meter_rows` gave."""

    def sampler(self) -> PredictionSource:
        """Return what gives predictions of a sample of the rows; after `describe`. `shortcomings` has the rest."""

    def predictions(self) -> dict[str, dict[str, Any]]:
        """Summaries of the validation predictions now, by dataset, as the header keeps them."""

    def ended_how(self) -> tuple[str, int | None]:
        """Return (state, best round) of a training whose end was not announced."""

    def release(self) -> None:
        """Let go of the booster and the data; remove every trace."""
