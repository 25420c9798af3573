"""CL404 shifted-predictions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.core.run import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import percent, reweighted, setting
from treedebug.rules.shifts import cause, factor, of_labels, worst
from treedebug.signals.calibration import MeanProbability
from treedebug.signals.labels import LabelShift


@dataclass(frozen=True, kw_only=True)
class ShiftedPredictions(Rule):
    """What the model predicts in the mean, or was taught, is far from the labels it is validated on.

    ## What it does
    Compares the mean predicted probability of each class with the class's share of the labels. Fires where in
    `looks` class records in a row the odds differ by a factor of `min_odds` or more, and the shares by `min_sigmas` standard
    deviations of what chance allows. Fires at once where the labels themselves differ between training and
    validation data by `label_sigmas`, and by `label_odds` (classes) or `label_shift` standard deviations (amounts).
    Names the likely cause. Where weights (`scale_pos_weight`, sample weights) shift the odds on purpose: info.
    ## Why is this bad
    The validation rows are not like the training rows: its score misleads. Probabilities that are wrong in the mean
    also give wrong expected costs and thresholds, whatever the ranking.
    ## When to ignore it
    Only the order of the predictions matters to you, or you changed the label shares of one of the two on purpose.
    """

    code = "CL404"
    name = "shifted-predictions"
    preview = True
    explains: ClassVar[tuple[str, ...]] = ("CV101", "CV102", "CL402", "CL403", "CL406")

    min_odds: float = param(1.25, "factor between predicted odds and label odds", ge=1.0, le=1e6)
    min_sigmas: float = param(3.0, "standard deviations of chance", ge=0.0, le=1000.0)
    min_steps: float = param(2.0, "rounds times learning rate before a training is judged", ge=0.0, le=1000.0)
    min_rounds: int = param(50, "rounds before it is judged however small its steps", ge=1, le=100_000)
    looks: int = param(3, "class records in a row that show it", ge=1, le=1000)
    label_sigmas: float = param(5.0, "standard deviations between the labels of both", ge=0.0, le=1000.0)
    label_odds: float = param(2.0, "factor between the label odds of both", ge=1.0, le=1e6)
    label_shift: float = param(0.4, "difference of the mean labels, in standard deviations", ge=0.0, le=1000.0)

    def check(self, mean: MeanProbability | None, labels: LabelShift | None, header: Header) -> Iterator[Finding]:
        """Compare the labels of both datasets, then the predictions with the labels."""
        if mean is None and labels is None:
            raise Missing("needs labels of training and validation data, or class records")
        if labels is not None and not reweighted(header):
            ratio, shift = labels.odds_ratio, labels.validated - labels.trained
            far = factor(ratio) >= self.label_odds if labels.of_classes else abs(shift) >= self.label_shift * labels.spread
            bad = far & (labels.sigmas >= self.label_sigmas)
            if bad.any():
                c = worst(bad, shift)
                yield self.finding(
                    of_labels(labels, c),
                    subject=labels.dataset,
                    trained=float(labels.trained[c]),
                    validated=float(labels.validated[c]),
                    sigmas=float(min(labels.sigmas[c], 1e6)),
                )
                return
        if mean is not None:
            yield from self._by_predictions(mean, header)

    def _by_predictions(self, mean: MeanProbability, header: Header) -> Iterator[Finding]:
        rate = setting(header, "learning_rate")
        arrived = min(self.min_rounds, math.ceil(self.min_steps / rate) if rate and rate > 0 else self.min_rounds)
        shift, when = mean.standing(self.looks, header.start_round + arrived - 1)
        ratio = mean.odds_ratio(shift)
        bad = (factor(ratio) >= self.min_odds) & (abs(shift) >= self.min_sigmas * mean.error)
        if not bad.any():
            return
        c = worst(bad, shift)
        severity, why, changes = cause(header, mean, c)
        yield self.finding(
            f"class {c} is predicted with a mean probability of {percent(float(mean.labelled[c] + shift[c]))} on "
            f"{mean.dataset}, where {percent(float(mean.labelled[c]))} of the rows have it: {why}",
            severity=severity,
            rounds=(int(when[c]), mean.round_index),
            subject=mean.dataset,
            try_next=changes,
            class_index=c,
            predicted=float(mean.labelled[c] + shift[c]),
            labelled=float(mean.labelled[c]),
            odds_ratio=float(ratio[c]),
            sigmas=float(min(abs(shift[c]) / max(float(mean.error[c]), 1e-12), 1e6)),
        )
