"""FT303 identifier-feature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.findings import Finding
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import figure, harm, percent
from treedebug.signals.curves import EvalLoss
from treedebug.signals.ending import Ending
from treedebug.signals.features import FeatureShares, SplitPoints


@dataclass(frozen=True, kw_only=True)
class IdentifierFeature(Rule):
    """A feature is split very often, at ever new places, for little gain each time.

    ## What it does
    Fires for a feature with `min_points` times as many distinct thresholds as the average used feature has, most of its
    splits (`min_variety`) at thresholds of their own, and gains per split of no more than `max_worth` of the
    average. A warning where validation has worsened; else info.
    ## Why is this bad
    So behave identifiers, row numbers, sampling weights and other columns of nearly unique values: any noise can be cut
    out of them, and what was learned there does not carry over to new rows.
    ## When to ignore it
    The feature is a measurement whose effect is weak but real.
    """

    code = "FT303"
    name = "identifier-feature"
    preview = True
    explains: ClassVar[tuple[str, ...]] = ("FT305",)

    min_points: float = param(2.0, "distinct thresholds, as a multiple of the average feature's", ge=1.0, le=1000.0)
    max_worth: float = param(0.6, "gain of a split on the feature, as a share of the average split's", ge=0.0, le=1.0)
    min_variety: float = param(0.35, "distinct thresholds per split, counted between two checks", ge=0.0, le=1.0)
    min_splits: int = param(100, "splits on the feature", ge=1, le=1_000_000)
    min_features: int = param(4, "features that are used", ge=2, le=1_000_000)

    def check(
        self, points: SplitPoints, shares: FeatureShares, loss: EvalLoss | None, ending: Ending
    ) -> Iterator[Finding]:
        """Look for features with many thresholds and little gain."""
        if shares.n_used < self.min_features:
            return
        like = (points.point_share >= self.min_points) & (points.worth <= self.max_worth)
        like &= (points.variety >= self.min_variety) & (shares.n_splits >= self.min_splits)
        for index in np.flatnonzero(like):
            i = int(index)
            name, n_splits = shares.header.feature_name(i), int(shares.n_splits[i])
            yield self.finding(
                f"{name} is split {n_splits} times, at {figure(points.point_share[i])} times as many places as the "
                f"average feature, for {percent(points.worth[i])} of the average gain: is it an identifier?",
                subject=name,
                severity=harm(loss, ending),
                n_splits=n_splits,
                point_share=float(points.point_share[i]),
                variety=float(points.variety[i]),
                worth=float(points.worth[i]),
                gain_share=float(shares.gain_share[i]),
            )
