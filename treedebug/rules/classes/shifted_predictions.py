"""CL404 shifted-predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.run import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, figure, percent, reweighted
from treedebug.signals.calibration import MeanProbability
from treedebug.signals.metrics import class_counts, class_weights


@dataclass(frozen=True, kw_only=True)
class ShiftedPredictions(Rule):
    """Predicted probabilities are, in the mean, far from the share of the labels.

    ## What it does
    Compares the mean predicted probability of each class with the class's share of the labels. Fires where the odds
    differ by a factor of `min_odds` or more, the shares by `min_shift` or more, and by `min_sigmas` standard
    deviations of what chance allows. Names the likely cause: another label share in the training data, or too few
    rounds at this learning rate. Where weights (`scale_pos_weight`, sample weights) shift the odds on purpose: info.
    ## Why is this bad
    Probabilities that are wrong in the mean give wrong expected costs and wrong thresholds, whatever the ranking.
    ## When to ignore it
    Only the order of the predictions matters to you.
    """

    code = "CL404"
    name = "shifted-predictions"
    preview = True

    min_odds: float = param(2.0, "factor between predicted odds and label odds", ge=1.0, le=1e6)
    min_shift: float = param(0.005, "difference of the shares", ge=0.0, le=1.0)
    min_sigmas: float = param(5.0, "standard deviations of chance", ge=0.0, le=1000.0)
    min_rounds: int = param(50, "rounds before a training is judged", ge=1, le=100_000)

    def check(self, mean: MeanProbability, header: Header) -> Iterator[Finding]:
        """Compare both shares of the class that differs most."""
        if mean.round_index + 1 - header.start_round < self.min_rounds:
            return
        shift = np.abs(mean.predicted - mean.labelled)
        odds = np.array([mean.odds_ratio(c) for c in range(len(shift))])
        far = np.maximum(odds, 1.0 / np.maximum(odds, 1e-300)) >= self.min_odds
        bad = far & (shift >= self.min_shift) & (shift >= self.min_sigmas * mean.error)
        if not bad.any():
            return
        worst = np.where(bad, shift, -1.0)
        c = int(np.flatnonzero(worst >= worst.max() - 1e-9)[-1])  # of two classes the positive one
        severity, why, changes = _cause(header, mean, c)
        yield self.finding(
            f"class {c} is predicted with a mean probability of {percent(float(mean.predicted[c]))} on {mean.dataset}, "
            f"where {percent(float(mean.labelled[c]))} of the rows have it: {why}",
            severity=severity,
            rounds=(mean.round_index, mean.round_index),
            subject=mean.dataset,
            try_next=changes,
            class_index=c,
            predicted=float(mean.predicted[c]),
            labelled=float(mean.labelled[c]),
            odds_ratio=float(odds[c]),
            sigmas=float(min(shift[c] / max(float(mean.error[c]), 1e-12), 1e6)),
        )


def _cause(header: Header, mean: MeanProbability, c: int) -> tuple[Severity, str, tuple[Change, ...]]:
    label = header.training_label()
    counts, weights = class_counts(label), class_weights(label)
    if reweighted(header):
        plain = (change(header, "scale_pos_weight", 1, "or calibrate the probabilities afterwards"),)
        return Severity.INFO, "the class weights set in the parameters shift the odds", plain
    if counts is not None and counts.sum() > 0 and c < len(counts):
        share = float(counts[c] / counts.sum())
        if weights is not None and weights.sum() > 0 and abs(float(weights[c] / weights.sum()) - share) > share / 4:
            return Severity.INFO, "the sample weights shift the odds", ()
        if abs(share - float(mean.predicted[c])) < abs(share - float(mean.labelled[c])):
            return Severity.WARNING, f"in the training data it is {percent(share)}, so the two differ in kind", ()
    rate = header.params.get("learning_rate")
    more = (change(header, "n_estimators", 2 * (mean.round_index + 1), "the mean has not arrived yet"),)
    if isinstance(rate, int | float) and rate * (mean.round_index + 1) < 3.0:  # noqa: PLR2004 - e**-3 is left
        return (
            Severity.WARNING,
            f"{mean.round_index + 1} rounds at {figure(rate)} have not brought the mean there",
            more,
        )
    return Severity.WARNING, "the model is off in the mean", ()
