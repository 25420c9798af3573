"""Importance over the rounds: which features carry the gain early, and which rise late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of
from treedebug.pictures.tree_anatomy import NO_TREES
from treedebug.pictures.tree_pass import tree_pass

MOST_FEATURES = 30
NO_SPLIT = "no tree has a split"


@dataclass(frozen=True, kw_only=True, eq=False)
class ImportanceHeatmap(Picture):
    """Share of each bin's gain that a feature holds."""

    name: ClassVar[str] = "importance_heatmap"
    question: ClassVar[str] = "Which features carry the model, and which ones rise only late?"

    features: tuple[str, ...]
    """Most gain over all rounds first, at most thirty."""
    rounds: Ints
    """(n_bins,) first round of each bin."""
    last_rounds: Ints
    share: Floats
    """(n_features, n_bins) of the bin's gain, 0..1; NaN in a bin without gain."""
    rest: Floats
    """(n_bins,) share of all other features."""
    rise: Floats
    """(n_features,) share in the last quarter of the rounds less that in the first: over 0 where it rises late."""
    n_features: int
    """Of the training data."""
    n_used: int


def importance_heatmap(run: AnyRun) -> ImportanceHeatmap | NoPicture:
    """Return the share of the gain by feature and bin of rounds."""
    data = data_of(run)
    seen = tree_pass(data)
    if seen is None:
        return NoPicture(NO_TREES)
    gain = np.maximum(seen.feature_gain, 0.0)
    whole = gain.sum(axis=1)
    if not whole.any():
        return NoPicture(NO_SPLIT)
    top = np.argsort(-whole, kind="stable")[: min(MOST_FEATURES, int((whole > 0).sum()))]
    sums = gain.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = gain[top] / sums
    return ImportanceHeatmap(
        features=tuple(data.header.feature_name(int(i)) for i in top),
        rounds=seen.feature_edges[:-1],
        last_rounds=seen.feature_edges[1:] - 1,
        share=share,
        rest=np.maximum(1.0 - share.sum(axis=0), 0.0),
        rise=_rise(gain[top], sums),
        n_features=data.header.n_features or len(whole),
        n_used=int((seen.feature_splits.sum(axis=1) > 0).sum()),
    )


def _rise(gain: Floats, sums: Floats) -> Floats:
    part = max(1, len(sums) // 4)
    early, late = max(sums[:part].sum(), 1e-300), max(sums[-part:].sum(), 1e-300)
    return np.asarray(gain[:, -part:].sum(axis=1) / late - gain[:, :part].sum(axis=1) / early)
