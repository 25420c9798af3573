"""CV110 second-descent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.signals.curves.described_header import Described
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.metric_facts import sampling_error


@dataclass(frozen=True, kw_only=True)
class SecondDescent(Rule):
    """Validation got worse, passed a peak, and then beat its earlier best.

    ## What it does
    Looks for the highest rise of the validation loss over an earlier best value, from which it came down again. Fires
    when the loss has since fallen below that earlier best. The rise must be `min_rise` of all the improvement or more,
    both it and the new best beyond the noise, at least `min_rounds` rounds lie between the two best values, and half as
    many are spent above half of the peak.
    ## Why is this bad
    It is not: but stopping at the first valley, as early stopping with a short patience does, would have lost the
    better model (double descent). It often comes with wrong labels, or few rows for the size of the model.
    ## When to ignore it
    The second valley is hardly deeper than the first, and the rounds are dear.
    """

    code = "CV110"
    name = "second-descent"
    preview = True
    severity: ClassVar[Severity] = Severity.INFO

    min_rise: float = param(0.05, "height of the peak, as a share of all the improvement", ge=0.0, le=10.0)
    min_rounds: int = param(20, "rounds from the first best value to the one that beats it", ge=3, le=100_000)

    def check(self, loss: EvalLoss, known: Described) -> Iterator[Finding]:
        """Measure the peak between two record lows."""
        valid = loss.valid
        if loss.best < self.min_rounds or loss.gained <= 0:
            return
        lowest = np.minimum.accumulate(valid[: loss.best + 1])
        over = valid[: loss.best + 1] - lowest
        peak = int(over.argmax())
        first = int((valid[:peak] == lowest[peak]).argmax()) if peak else 0
        later = float(lowest[peak] - valid[loss.best])
        beaten = int((valid[peak:] < lowest[peak] - 2.0 * loss.drift(1)).argmax()) + peak
        error = sampling_error(known.header, loss.dataset, loss.metric, loss.shown(float(valid[first])))
        noise = max(loss.drift(max(peak - first, 1)), error)
        if over[peak] < self.min_rise * loss.gained or over[peak] <= 3.0 * noise or later <= 2.0 * loss.drift(1):
            return
        high = int((valid[first:beaten] > lowest[peak] + over[peak] / 2.0).sum())
        if beaten - first < self.min_rounds or 2 * high < self.min_rounds:
            return
        yield self.finding(
            f"{loss.metric} on {loss.dataset} was {figure(loss.shown(float(valid[first])))} in round "
            f"{int(loss.rounds[first])}, worsened to {figure(loss.shown(float(valid[peak])))} by round "
            f"{int(loss.rounds[peak])}, and then fell to {figure(loss.shown(float(valid[loss.best])))}: stopping at "
            f"the first valley would have lost {percent(later / loss.gained)} of the improvement",
            rounds=(int(loss.rounds[first]), loss.best_round),
            try_next=(
                change(
                    known.header, "early_stopping_rounds", 2 * (beaten - first), "longer than the way over the peak"
                ),
            ),
            first_best_round=int(loss.rounds[first]),
            peak_round=int(loss.rounds[peak]),
            best_round=loss.best_round,
            rise=float(over[peak]) / loss.gained,
            won_later=later / loss.gained,
            noise=loss.noise,
        )
