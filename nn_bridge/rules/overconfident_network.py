"""NN929 overconfident-network."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.signals.loss_and_accuracy import LossAndAccuracy
from treedebug.core.findings import Change, Finding
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class OverconfidentNetwork(Rule):
    """Validation loss rises while accuracy does not fall: the net grows too sure of itself.

    ## What it does
    Compares loss and accuracy on validation data since the loss was best. Fires when the loss has risen by `min_rise`
    of its best value, to `min_loss` of a guess or more, and accuracy is at most `max_fall` lower than it was then.
    ## Why is this bad
    The same rows are wrong as before, but with more certainty: probabilities cannot be trusted, classes can.
    ## When to ignore it
    Only the predicted class is used.
    """

    code = "NN929"
    name = "overconfident-network"
    explains: ClassVar[tuple[str, ...]] = ("CV101", "CV102", "CV109", "CL404", "CL406")

    min_rise: float = param(0.5, "rise of the validation loss, as a share of its best value", ge=0.0, le=1e6)
    min_loss: float = param(0.4, "validation loss at the end, as a share of a guess, ln(classes)", ge=0.0, le=10.0)
    max_fall: float = param(0.01, "fall of accuracy since the loss was best", ge=0.0, le=1.0)
    min_rounds: int = param(6, "rounds since the loss was best", ge=1, le=100_000)

    def check(self, both: LossAndAccuracy, facts: NetFacts) -> Iterator[Finding]:
        """Compare the end with the round of the best loss."""
        rise = both.last_loss / both.best_loss - 1.0 if both.best_loss > 0 else 0.0
        guess = math.log(max(facts.loss.n_classes, 2))
        if (
            both.last_loss < self.min_loss * guess
            or both.wait < self.min_rounds
            or rise < self.min_rise
            or both.fall > self.max_fall
        ):
            return
        yield self.finding(
            f"loss on {both.dataset} rose from {short(both.best_loss)} (round {both.best_round}) to "
            f"{short(both.last_loss)} while accuracy went from {short(both.accuracy_then)} to "
            f"{short(both.accuracy_now)}: the net is overconfident, not worse at telling classes",
            rounds=(both.best_round, both.last_round),
            try_next=(
                Change("label_smoothing", 0.1, "of the loss; or calibrate the outputs with a temperature"),
                Change("patience", "by loss", "stop at the best loss if probabilities matter"),
            ),
            best_loss=both.best_loss,
            last_loss=both.last_loss,
        )
