"""Importance of each kind, as ranked bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.pictures.importance_heatmap import MOST_FEATURES, NO_SPLIT
from treedebug.pictures.picture import AnyRun, Floats, NoPicture, Picture, data_of
from treedebug.pictures.tree_anatomy import NO_TREES
from treedebug.pictures.tree_pass import tree_pass

KINDS = ("total_gain", "mean_gain", "n_splits", "total_cover", "mean_cover")


@dataclass(frozen=True, kw_only=True, eq=False)
class ImportanceBars(Picture):
    """Features ranked by each kind of importance, over all rounds."""

    name: ClassVar[str] = "importance_bars"
    question: ClassVar[str] = "Which features matter most, and do the kinds of importance agree?"

    kinds: tuple[str, ...]
    features: tuple[tuple[str, ...], ...]
    """By kind: the features with the most of it, most first, at most thirty."""
    values: tuple[Floats, ...]
    """By kind, beside `features`."""
    totals: tuple[float, ...]
    """By kind: the sum over all features (of a mean: over all splits)."""
    n_features: int
    n_used: int


def importance_bars(run: AnyRun) -> ImportanceBars | NoPicture:
    """Return the features ranked by each kind of importance."""
    data = data_of(run)
    seen = tree_pass(data)
    if seen is None:
        return NoPicture(NO_TREES)
    splits = seen.feature_splits.sum(axis=1)
    used = np.flatnonzero(splits > 0)
    if not len(used):
        return NoPicture(NO_SPLIT)
    gain, cover, n = (v.sum(axis=1)[used] for v in (seen.feature_gain, seen.feature_cover, seen.feature_splits))
    by_kind = (gain, gain / n, n, cover, cover / n)
    whole = (gain.sum(), gain.sum() / n.sum(), n.sum(), cover.sum(), cover.sum() / n.sum())
    order = [np.argsort(-v, kind="stable")[:MOST_FEATURES] for v in by_kind]
    return ImportanceBars(
        kinds=KINDS,
        features=tuple(tuple(data.header.feature_name(int(used[i])) for i in o) for o in order),
        values=tuple(v[o] for v, o in zip(by_kind, order, strict=True)),
        totals=tuple(float(v) for v in whole),
        n_features=data.header.n_features or len(splits),
        n_used=len(used),
    )
