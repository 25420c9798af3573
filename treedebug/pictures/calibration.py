"""Calibration: what share of the rows is of a class, beside the probability that the model gave it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of
from treedebug.pictures.predicted import Predicted, class_choice, needs, predicted
from treedebug.pictures.roc import MOST_CLASSES, NOT_CLASSES

_N_BINS = 12
_SIGMAS = 1.96


@dataclass(frozen=True, kw_only=True, eq=False)
class CalibrationCurve:
    """One class. Columns by bin of equally many rows."""

    dataset: str
    round_index: int
    role: str
    class_index: int
    predicted: Floats
    """Mean probability."""
    observed: Floats
    """Share of the rows that are of the class; weights count."""
    low: Floats
    """95 % interval of the share (Wilson)."""
    high: Floats
    n_rows: Ints
    error: float
    """Mean distance of predicted and observed, by rows (expected calibration error)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration(Picture):
    """Calibration curves: of two classes that of the second; of more, those of which the fewest rows are found."""

    name: ClassVar[str] = "calibration"
    question: ClassVar[str] = "Are the probabilities worth their face value?"

    curves: tuple[CalibrationCurve, ...]
    n_classes: int


def calibration(run: AnyRun) -> Calibration | NoPicture:
    """Return the calibration curves."""
    data = data_of(run)
    if not data.header.n_classes:
        return NoPicture(NOT_CLASSES)
    seen = predicted(data)
    classes = class_choice(seen, most=MOST_CLASSES) if seen else []
    found = tuple(_curve(p, c) for p in seen for c in classes)
    return Calibration(curves=found, n_classes=data.header.n_classes) if found else NoPicture(needs(data))


def _curve(p: Predicted, c: int) -> CalibrationCurve:
    score = p.scores[:, c]
    edges = np.unique(np.quantile(score, np.linspace(0.0, 1.0, _N_BINS + 1)[1:-1]))
    place = np.searchsorted(edges, score, side="right")
    n_bins = len(edges) + 1
    rows, weight = np.bincount(place, minlength=n_bins), np.bincount(place, p.weight, n_bins)
    filled = (rows > 0) & (weight > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (np.bincount(place, p.weight * score, n_bins) / weight)[filled]
        share = (np.bincount(place, p.weight * (p.classes == c), n_bins) / weight)[filled]
    rows = rows[filled]
    low, high = wilson(share, rows)
    return CalibrationCurve(
        dataset=p.dataset,
        round_index=p.round_index,
        role=p.role,
        class_index=c,
        predicted=mean,
        observed=share,
        low=low,
        high=high,
        n_rows=rows.astype(np.int64),
        error=float((weight[filled] * np.abs(mean - share)).sum() / weight.sum()) if len(rows) else math.nan,
    )


def wilson(share: Floats, n: Ints) -> tuple[Floats, Floats]:
    """Return the 95 % interval of shares seen in `n` rows each."""
    z2 = _SIGMAS**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _SIGMAS * np.sqrt(share * (1 - share) / n + z2 / (4.0 * n * n)) / (1 + z2 / n)
    return np.asarray(np.maximum(centre - half, 0.0)), np.asarray(np.minimum(centre + half, 1.0))
