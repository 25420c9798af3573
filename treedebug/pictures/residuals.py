"""Residuals of a regression, and predicted against true values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.run.run_data import RunData
from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of
from treedebug.pictures.predicted import Predicted, needs, predicted
from treedebug.pictures.thinning import evenly

_MOST_POINTS = 1000
_N_BINS = 40
_N_GROUPS = 12
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
NOT_AMOUNTS = "the labels are classes, or ranks"


@dataclass(frozen=True, kw_only=True, eq=False)
class ResidualsOf:
    """One dataset after one round. A residual is the label less the prediction."""

    dataset: str
    round_index: int
    role: str
    n_rows: int
    mean: float
    std: float
    predicted: Floats
    """(n_points,) of evenly spaced rows, at most a thousand, beside `residual`."""
    residual: Floats
    edges: Floats
    """(n_bins + 1,) of the histogram; the outermost hundredths of the rows stand in the outermost bins."""
    counts: Ints
    """(n_bins,) rows."""
    groups: Floats
    """(n_groups,) median prediction of groups of equally many rows, ordered by prediction."""
    group_quantiles: Floats
    """(n_groups, 5) of the residuals of each group, at `QUANTILES`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Residuals(Picture):
    """Residuals, validation and the last round first."""

    name: ClassVar[str] = "residuals"
    question: ClassVar[str] = "Are the errors of one size and around zero, whatever the prediction?"

    datasets: tuple[ResidualsOf, ...]
    probabilities: tuple[float, ...] = QUANTILES


@dataclass(frozen=True, kw_only=True, eq=False)
class PredictedVsTrueOf:
    """One dataset after one round."""

    dataset: str
    round_index: int
    role: str
    n_rows: int
    r2: float
    true: Floats
    """(n_points,) of evenly spaced rows, at most a thousand, beside `predicted`."""
    predicted: Floats
    groups: Floats
    """(n_groups,) median label of groups of equally many rows, ordered by label."""
    group_mean: Floats
    """(n_groups,) mean prediction of each."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PredictedVsTrue(Picture):
    """Predictions beside labels, validation and the last round first."""

    name: ClassVar[str] = "predicted_vs_true"
    question: ClassVar[str] = "Does the model reach the high and the low values?"

    datasets: tuple[PredictedVsTrueOf, ...]


def residuals(run: AnyRun) -> Residuals | NoPicture:
    """Return the residuals."""
    found = _amounts(data_of(run))
    return found if isinstance(found, NoPicture) else Residuals(datasets=tuple(_residuals(p) for p in found))


def predicted_vs_true(run: AnyRun) -> PredictedVsTrue | NoPicture:
    """Return predictions beside labels."""
    found = _amounts(data_of(run))
    return found if isinstance(found, NoPicture) else PredictedVsTrue(datasets=tuple(_against(p) for p in found))


def _amounts(run: RunData) -> tuple[Predicted, ...] | NoPicture:
    found = predicted(run)
    if run.header.n_classes or any(p.rows.query_sizes is not None for p in found):
        return NoPicture(NOT_AMOUNTS)
    return found or NoPicture(needs(run))


def _residuals(p: Predicted) -> ResidualsOf:
    residual = p.label - p.scores
    low, high = (float(v) for v in np.quantile(residual, (0.01, 0.99)))
    edges = np.linspace(low, high if high > low else low + max(abs(low), 1.0) * 1e-6, _N_BINS + 1)
    at = evenly(len(residual), _MOST_POINTS)
    groups = np.array_split(np.argsort(p.scores, kind="stable"), min(_N_GROUPS, len(residual)))
    mean = float(np.average(residual, weights=p.weight)) if p.weight.sum() > 0 else math.nan
    return ResidualsOf(
        dataset=p.dataset,
        round_index=p.round_index,
        role=p.role,
        n_rows=len(residual),
        mean=mean,
        std=float(residual.std()),
        predicted=p.scores[at],
        residual=residual[at],
        edges=edges,
        counts=np.histogram(np.clip(residual, edges[0], edges[-1]), edges)[0].astype(np.int64),
        groups=np.array([np.median(p.scores[g]) for g in groups]),
        group_quantiles=np.array([np.quantile(residual[g], QUANTILES) for g in groups]),
    )


def _against(p: Predicted) -> PredictedVsTrueOf:
    at = evenly(len(p.label), _MOST_POINTS)
    groups = np.array_split(np.argsort(p.label, kind="stable"), min(_N_GROUPS, len(p.label)))
    centre = np.average(p.label, weights=p.weight) if p.weight.sum() > 0 else math.nan
    left, whole = (p.weight * np.square(p.label - p.scores)).sum(), (p.weight * np.square(p.label - centre)).sum()
    return PredictedVsTrueOf(
        dataset=p.dataset,
        round_index=p.round_index,
        role=p.role,
        n_rows=len(p.label),
        r2=float(1.0 - left / whole) if whole > 0 else math.nan,
        true=p.label[at],
        predicted=p.scores[at],
        groups=np.array([np.median(p.label[g]) for g in groups]),
        group_mean=np.array([p.scores[g].mean() for g in groups]),
    )
