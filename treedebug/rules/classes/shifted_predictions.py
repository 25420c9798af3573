"""CL404 shifted-predictions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import reweighted, setting
from treedebug.rules.classes._shifted_sets import of_calls, of_labels, of_means
from treedebug.signals.classes.calibration import MeanProbability
from treedebug.signals.classes.class_balance import CalledShares
from treedebug.signals.classes.label_shift import LabelShift
from treedebug.signals.curves.described_header import Described


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
    explains: ClassVar[tuple[str, ...]] = ("CV101", "CV102", "CL402", "CL403", "CL406")

    min_odds: float = param(1.25, "factor between predicted odds and label odds", ge=1.0, le=1e6)
    min_sigmas: float = param(3.0, "standard deviations of chance", ge=0.0, le=1000.0)
    min_steps: float = param(2.0, "rounds times learning rate before the mean has arrived", ge=0.0, le=1000.0)
    min_rounds: int = param(50, "rounds before it is judged however small its steps", ge=1, le=100_000)
    looks: int = param(3, "class records in a row that show it", ge=1, le=1000)
    label_sigmas: float = param(5.0, "standard deviations between the labels of both", ge=0.0, le=1000.0)
    label_odds: float = param(2.0, "factor between the label odds of both", ge=1.0, le=1e6)
    label_shift: float = param(0.25, "difference of the mean labels, in standard deviations", ge=0.0, le=1000.0)
    called_sigmas: float = param(4.0, "standard deviations between the shares called", ge=0.0, le=1000.0)
    called_shift: float = param(0.05, "difference of the shares called", ge=0.0, le=1.0)

    def check(
        self, labels: LabelShift | None, mean: MeanProbability | None, called: CalledShares | None, known: Described
    ) -> Iterator[Finding]:
        """The labels tell most, then the means, then what is called: one finding at most."""
        if labels is None and mean is None:
            raise Missing("needs labels of training and validation data, or class records")
        header = known.header
        rate = setting(header, "learning_rate") or 0.0
        arrived = min(self.min_rounds, math.ceil(self.min_steps / rate) if rate > 0 else self.min_rounds)
        found = None
        if labels is not None and not reweighted(header):
            limits = {"odds": self.label_odds, "amount": self.label_shift * labels.spread}
            found = of_labels(labels, sigmas=self.label_sigmas, **limits)
        if found is None and mean is not None:
            since = header.start_round + arrived - 1
            found = of_means(
                mean, header, sigmas=self.min_sigmas, odds=self.min_odds, looks=self.looks, since=since
            )  # fmt: skip
        if found is None and called is not None:
            found = of_calls(called, sigmas=self.called_sigmas, least=self.called_shift, looks=2)
        if found is not None:
            yield self.finding(
                found.message,
                severity=found.severity,
                rounds=found.rounds,
                subject=found.subject,
                try_next=found.changes,
                **found.evidence,
            )
