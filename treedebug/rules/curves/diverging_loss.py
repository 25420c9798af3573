"""CV105 diverging-loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure, round_to
from treedebug.core.run.eval_log import EvalSeries
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import reweighted, setting, slower
from treedebug.signals.curves.eval_curves import AllCurves


@dataclass(frozen=True, kw_only=True)
class DivergingLoss(Rule):
    """The training loss rises, or a metric turns NaN or infinite.

    ## What it does
    Fires at once (error) when a metric has a value that is NaN or infinite. Fires (warning) when a metric on the
    training data was worse than its best by `min_rise` of its first value, and of what it had gained, in each of
    the last `min_rounds` rounds. Where `scale_pos_weight` or `is_unbalance` make training aim at something else, a
    rise is not judged.
    ## Why is this bad
    Boosting lowers the training loss in every round by construction. If it rises, the steps are too large, or the
    objective and the metric do not fit each other; after a NaN nothing in the run can be trusted.
    ## When to ignore it
    The metric is not what training lowers, and you know why.
    """

    code = "CV105"
    name = "diverging-loss"

    min_rise: float = param(0.1, "rise, as a share of the first value and of the improvement", ge=0.0, le=100.0)
    min_rounds: int = param(5, "rounds in a row that are worse than the best one", ge=1, le=100_000)

    def check(self, every: AllCurves, header: Header) -> Iterator[Finding]:
        """Look at every curve for broken values, at the training curves for a rise."""
        for curve in every.curves:
            broken = ~np.isfinite(curve.values)
            if broken.any():
                at = int(curve.rounds[int(broken.argmax())])
                yield self.finding(
                    f"{curve.metric} on {curve.dataset} is {curve.values[int(broken.argmax())]} from round {at} on"
                    if broken[-1]
                    else f"{curve.metric} on {curve.dataset} was NaN or infinite in {int(broken.sum())} rounds, "
                    f"first in round {at}",
                    rounds=(at, int(curve.rounds[-1])),
                    subject=f"{curve.dataset} {curve.metric}",
                    severity=Severity.ERROR,
                    first_round=at,
                    n_rounds=int(broken.sum()),
                )
            elif curve in every.training and not reweighted(header):
                yield from self._rising(curve, header)

    def _rising(self, curve: EvalSeries, header: Header) -> Iterator[Finding]:
        if curve.higher_is_better is None:
            return
        loss = -curve.values if curve.higher_is_better else curve.values
        best = int(loss.argmin())
        low, first = float(loss[best]), float(loss[0])
        rise = float(loss[-self.min_rounds :].min()) - low
        if len(loss) - 1 - best < self.min_rounds or rise <= self.min_rise * max(abs(first), first - low):
            return
        rate = setting(header, "learning_rate")
        yield self.finding(
            f"{curve.metric} on {curve.dataset}, the training data, was best in round {int(curve.rounds[best])} "
            f"({figure(float(curve.values[best]))}) and has {'fallen' if curve.higher_is_better else 'risen'} to "
            f"{figure(float(curve.values[-1]))} since",
            rounds=(int(curve.rounds[best]), int(curve.rounds[-1])),
            subject=f"{curve.dataset} {curve.metric}",
            try_next=() if rate is None else slower(header, float(round_to(rate / 5))),
            best_round=int(curve.rounds[best]),
            best_value=float(curve.values[best]),
            last_value=float(curve.values[-1]),
        )
