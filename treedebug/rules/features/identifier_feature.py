"""FT303 identifier-feature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.changes import question
from treedebug.core.data.data_sets import DataSets
from treedebug.core.findings import SUSPICION, Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import harm, ran_on
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.training_end import Ending
from treedebug.signals.features.dominance import SplitLead
from treedebug.signals.features.importance_share import FeatureShares, SplitPoints


@dataclass(frozen=True, kw_only=True)
class IdentifierFeature(Rule):
    """A feature is split far more often than the others, at ever new places.

    ## What it does
    Fires for a feature with `min_points` times as many distinct thresholds as the average used feature has, most of its
    splits (`min_variety`) at thresholds of their own, and gains per split of no more than `max_worth` of the average: a
    warning where validation has worsened (and rounds far past its best one are not why), else info, for the one of most
    thresholds, unless the table was checked (DA612). And, as a warning, for a feature that is split `min_lead` times as
    often as the next one among four or more of many values, unless its splits gain less than `min_lead_worth` of the
    average, or the others hold less than `min_rest` of all gain; info where it holds `max_lead_gain` of all gain.
    ## Why is this bad
    The first is how identifiers and other columns of nearly unique values behave: any noise can be cut out of them. The
    second is how a row number or a time stamp behaves if rows were split at random: neighbours in time stand on both
    sides, and each stretch of time is learned by heart. Neither carries over to new rows.
    ## When to ignore it
    The feature is a measurement, and its effect is real: weak but wide, or strong and of many steps.
    """

    code = "FT303"
    name = "identifier-feature"
    basis = SUSPICION
    explains: ClassVar[tuple[str, ...]] = ("FT305", "FT302", "TR210")

    min_points: float = param(2.0, "distinct thresholds, as a multiple of the average feature's", ge=1.0, le=1000.0)
    max_worth: float = param(0.6, "gain of a split on the feature, as a share of the average split's", ge=0.0, le=1.0)
    min_variety: float = param(0.35, "distinct thresholds per split, counted between two checks", ge=0.0, le=1.0)
    min_splits: int = param(100, "splits on the feature", ge=1, le=1_000_000)
    min_lead: float = param(2.0, "splits on the feature, as a multiple of the next one's", ge=1.0, le=1e6)
    min_lead_worth: float = param(0.5, "gain of a split on it, as a share of the average split's", ge=0.0, le=1000.0)
    max_lead_gain: float = param(0.8, "gain of a feature that leads, as a share of all, for a warning", ge=0.0, le=1.0)
    min_rest: float = param(0.05, "gain of the others of many values, as a share of all", ge=0.0, le=1.0)
    lead_splits: int = param(60, "splits on a feature that leads", ge=1, le=1_000_000)
    min_features: int = param(4, "features that are used", ge=2, le=1_000_000)

    def check(  # noqa: PLR0913, PLR0917 - where it is split, what that brings, and whether it is known
        self, points: SplitPoints, shares: FeatureShares, front: SplitLead, loss: EvalLoss | None, ending: Ending,
        sets: DataSets | None,
    ) -> Iterator[Finding]:  # fmt: skip
        """Look for features with many thresholds and little gain, and for one that is split all the time."""
        if shares.n_used < self.min_features:
            return
        most = points.point_share
        like = (points.point_share >= self.min_points) & (points.worth <= self.max_worth)
        like &= (points.variety >= self.min_variety) & (shares.n_splits >= self.min_splits)
        severity = Severity.INFO if ran_on(loss, ending, shares.header) else harm(loss, ending)
        like &= sets is None or severity is Severity.WARNING
        leads = front.lead >= self.min_lead and front.n_others >= self.min_features - 1 and front.rest >= self.min_rest
        leads &= bool(points.worth[front.feature] >= self.min_lead_worth)
        leads &= bool(shares.n_splits[front.feature] >= self.lead_splits)
        like[front.feature] |= leads
        found = sorted(np.flatnonzero(like).tolist(), key=lambda i: (not (leads and i == front.feature), -most[i], i))
        for i in found if severity is Severity.WARNING else found[:1]:
            first = leads and i == front.feature
            yield self._finding(i, points, shares, front.lead if first else None, severity)

    def _finding(
        self, i: int, points: SplitPoints, shares: FeatureShares, lead: float | None, severity: Severity
    ) -> Finding:
        name, n_splits = shares.name(i), int(shares.n_splits[i])
        how = (
            f"at very many values, and each split brings {percent(points.worth[i])} of an average one: is it an "
            "identifier?"
            if lead is None
            else f"{figure(lead)} times as often as the next feature: is it a row number, or the time?"
        )
        return self.finding(
            f"{name} is split {n_splits} times, {how}",
            subject=name,
            severity=severity if lead is None or shares.gain_share[i] >= self.max_lead_gain else Severity.WARNING,
            try_next=(question(f"Is {name} a row number, an identifier or a time, or was it measured?"),),
            n_splits=n_splits,
            lead=lead,
            point_share=float(points.point_share[i]),
            variety=float(points.variety[i]),
            worth=float(points.worth[i]),
            gain_share=float(shares.gain_share[i]),
        )
