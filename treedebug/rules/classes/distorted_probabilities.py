"""CL408 distorted-probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.findings import FACT, Change, Finding
from treedebug.core.phrases import percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.signals.classes.calibration import MeanProbability
from treedebug.signals.curves.metric_facts import odds_factor
from treedebug.signals.curves.training_end import Ending
from treedebug.signals.params.class_weighting import ClassWeighting


@dataclass(frozen=True, kw_only=True)
class DistortedProbabilities(Rule):
    """Class weights have shifted the predicted probabilities far from the share of the positives.

    ## What it does
    Judges a finished training of two classes whose positives are weighed `min_weight` times or more (or as much less).
    Fires if the odds of the mean predicted probability, as it stands at the end, are off those of the labels by
    `min_odds` and by `min_sigmas` of chance, towards the class that is weighed up, and the validation rows do not share
    the weights.
    ## Why is this bad
    The numbers are no probabilities any more: expected costs, thresholds and reports that take them at face value are
    wrong, and the ranking is hardly ever better for it.
    ## When to ignore it
    Only the order of the rows or the decision at 0.5 matters, and nobody reads the numbers.
    """

    code = "CL408"
    name = "distorted-probabilities"
    basis = FACT
    explains: ClassVar[tuple[str, ...]] = ("CL402", "CL404", "CL406")

    min_weight: float = param(3.0, "factor between the weights of the two classes", ge=1.0, le=1e9)
    min_odds: float = param(3.0, "factor between predicted odds and label odds", ge=1.0, le=1e9)
    min_sigmas: float = param(5.0, "standard deviations of chance", ge=0.0, le=1e6)

    def check(
        self, weighting: ClassWeighting, mean: MeanProbability, ending: Ending, header: Header
    ) -> Iterator[Finding]:
        """Compare the mean probability of today with the share of the positives."""
        factor = max(weighting.factor, 1.0 / max(weighting.factor, 1e-300))
        if not ending.final or factor < self.min_weight or len(mean.predicted) != 2:
            return
        if weighting.shared_by(header, mean.dataset):
            return
        predicted, share = float(mean.predicted[1]), float(mean.labelled[1])
        odds = float(odds_factor(mean.predicted, mean.labelled)[1])
        off = np.abs(mean.predicted - mean.labelled)[1] / max(float(mean.error[1]), 1e-300)
        if odds < self.min_odds or off < self.min_sigmas or (predicted > share) != (weighting.factor > 1.0):
            return
        verb = "lifts" if weighting.factor > 1.0 else "lowers"
        verb = verb.rstrip("s") if weighting.of_rows else verb
        yield self.finding(
            f"{weighting.how} {verb} the mean probability on {mean.dataset} to {percent(predicted)}, where "
            f"{percent(share)} of the rows are positive: read the predictions as scores, not as probabilities",
            rounds=(mean.round_index, mean.round_index),
            subject=mean.dataset,
            try_next=_without(weighting),
            predicted=predicted,
            share=share,
            odds=odds,
        )


def _without(weighting: ClassWeighting) -> tuple[Change, ...]:
    if weighting.of_rows:
        return ()
    name = weighting.how.partition("=")[0]
    return (Change(name, False if name == "is_unbalance" else 1, "and a threshold chosen on validation data"),)
