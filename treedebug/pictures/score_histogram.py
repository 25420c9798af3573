"""Histogram of the predicted probabilities, by class of the label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of
from treedebug.pictures.predicted import Predicted, needs, predicted
from treedebug.pictures.roc import MOST_CLASSES, NOT_CLASSES

_N_BINS = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoresOf:
    """One dataset after one round."""

    dataset: str
    round_index: int
    role: str
    of: str
    """What is counted: "probability of class 1" of two classes, "probability of the row's own class" of more."""
    edges: Floats
    """(n_bins + 1,)"""
    classes: tuple[int, ...]
    """Labels drawn apart; of more than six classes only -1, for all rows."""
    counts: Ints
    """(n_classes, n_bins) rows."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreHistogram(Picture):
    """Histograms, validation and the last round first."""

    name: ClassVar[str] = "score_histogram"
    question: ClassVar[str] = "Does the model tell the classes apart, and how sure is it?"

    histograms: tuple[ScoresOf, ...]


def score_histogram(run: AnyRun) -> ScoreHistogram | NoPicture:
    """Return the histograms of the probabilities."""
    data = data_of(run)
    if not data.header.n_classes:
        return NoPicture(NOT_CLASSES)
    found = tuple(_of(p) for p in predicted(data))
    return ScoreHistogram(histograms=found) if found else NoPicture(needs(data))


def _of(p: Predicted) -> ScoresOf:
    own = p.scores[:, 1] if p.n_classes == 2 else p.scores[np.arange(len(p.label)), p.classes]
    edges = np.linspace(0.0, 1.0, _N_BINS + 1)
    apart = p.n_classes <= MOST_CLASSES
    classes = tuple(range(p.n_classes)) if apart else (-1,)
    groups = [p.classes == c for c in classes] if apart else [np.ones(len(own), dtype=bool)]
    return ScoresOf(
        dataset=p.dataset,
        round_index=p.round_index,
        role=p.role,
        of="probability of class 1" if p.n_classes == 2 else "probability of the row's own class",
        edges=edges,
        classes=classes,
        counts=np.array([np.histogram(np.clip(own[g], 0.0, 1.0), edges)[0] for g in groups], dtype=np.int64),
    )
