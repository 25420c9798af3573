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
from treedebug.rules.shifts import cause, of_labels, worst
from treedebug.signals.calibration import MeanProbability
from treedebug.signals.classes import CalledShares, standing
from treedebug.signals.labels import LabelShift
from treedebug.signals.metrics import odds_factor


@dataclass(frozen=True, kw_only=True)
class ShiftedPredictions(Rule):
    """Predictions on the validation data are far from its labels in the mean, or from those on the training data.

    ## What it does
    Fires in three cases, each beyond what chance allows. The labels themselves differ between both datasets:
    by `label_sigmas`, and by a factor of `label_odds` in the odds (classes) or `label_shift` standard deviations
    (amounts). Or the mean predicted probability of a class is off its share of the labels, by `min_sigmas` and a
    factor of `min_odds`, in `looks` class records in a row. Or the model calls a class more or less often than
    on the training data, by `called_sigmas` and `called_shift`, in two records in a row. Names the likely cause.
    Where weights (`scale_pos_weight`, sample weights) shift the odds on purpose: info.
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
    min_steps: float = param(2.0, "rounds times learning rate before the mean has arrived", ge=0.0, le=1000.0)
    min_rounds: int = param(50, "rounds before it is judged however small its steps", ge=1, le=100_000)
    looks: int = param(3, "class records in a row that show it", ge=1, le=1000)
    label_sigmas: float = param(5.0, "standard deviations between the labels of both", ge=0.0, le=1000.0)
    label_odds: float = param(2.0, "factor between the label odds of both", ge=1.0, le=1e6)
    label_shift: float = param(0.4, "difference of the mean labels, in standard deviations", ge=0.0, le=1000.0)
    called_sigmas: float = param(4.0, "standard deviations between the shares called", ge=0.0, le=1000.0)
    called_shift: float = param(0.05, "difference of the shares called", ge=0.0, le=1.0)

    def check(
        self, labels: LabelShift | None, mean: MeanProbability | None, called: CalledShares | None, header: Header
    ) -> Iterator[Finding]:
        """The labels tell most, then the means, then what is called: one finding at most."""
        if labels is None and mean is None:
            raise Missing("needs labels of training and validation data, or class records")
        found = None if labels is None or reweighted(header) else self._labels(labels)
        found = found or (None if mean is None else self._means(mean, header))
        found = found or (None if called is None else self._calls(called))
        if found:
            yield found

    def _labels(self, labels: LabelShift) -> Finding | None:
        shift = labels.validated - labels.trained
        far = odds_factor(labels.validated, labels.trained) >= self.label_odds
        at = worst((far if labels.of_classes else abs(shift) >= self.label_shift * labels.spread)
                   & (labels.sigmas >= self.label_sigmas), shift)  # fmt: skip
        if at is None:
            return None
        return self.finding(
            of_labels(labels, at[0]),
            subject=labels.dataset,
            trained=float(labels.trained[at]),
            validated=float(labels.validated[at]),
            sigmas=float(min(labels.sigmas[at], 1e6)),
        )

    def _means(self, mean: MeanProbability, header: Header) -> Finding | None:
        rate = setting(header, "learning_rate") or 0.0
        arrived = min(self.min_rounds, math.ceil(self.min_steps / rate) if rate > 0 else self.min_rounds)
        shift = standing(mean.every - mean.labelled, self.looks)
        far = odds_factor(mean.labelled + shift, mean.labelled + 0.0 * shift) >= self.min_odds
        late = (mean.rounds >= header.start_round + arrived - 1)[:, None]
        at = worst(far & late & (abs(shift) >= self.min_sigmas * mean.error), shift)
        if at is None:
            return None
        labelled, predicted = float(mean.labelled[at[1]]), float(mean.labelled[at[1]] + shift[at])
        severity, why, changes = cause(header, mean, at[1])
        return self.finding(
            f"class {at[1]} is predicted with a mean probability of {percent(predicted)} on {mean.dataset}, where "
            f"{percent(labelled)} of the rows have it: {why}",
            severity=severity,
            rounds=(int(mean.rounds[at[0]]), mean.round_index),
            subject=mean.dataset,
            try_next=changes,
            class_index=at[1],
            predicted=predicted,
            labelled=labelled,
            sigmas=float(min(abs(shift[at]) / max(float(mean.error[at[1]]), 1e-12), 1e6)),
        )

    def _calls(self, called: CalledShares) -> Finding | None:
        shift = called.validated - called.trained
        sure = abs(standing(shift / called.error, 2)) >= self.called_sigmas
        at = worst(sure & (abs(standing(shift, 2)) >= self.called_shift), shift)
        if at is None:
            return None
        return self.finding(
            f"class {at[1]} is called for {percent(float(called.validated[at]))} of the rows of {called.dataset}, but "
            f"for {percent(float(called.trained[at]))} of the training rows, by the same trees: the rows of "
            f"{called.dataset} are not like the training rows; compare the columns of both",
            rounds=(int(called.rounds[at[0]]), int(called.rounds[-1])),
            subject=called.dataset,
            class_index=at[1],
            predicted=float(called.validated[at]),
            trained=float(called.trained[at]),
            sigmas=float(min(abs(shift[at] / called.error[at]), 1e6)),
        )
