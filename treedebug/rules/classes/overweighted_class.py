"""CL409 overweighted-class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import FACT, Change, Finding
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.signals.curves.metric_facts import class_counts
from treedebug.signals.params.class_weighting import ClassWeighting


@dataclass(frozen=True, kw_only=True)
class OverweightedClass(Rule):
    """The positives are weighed up although they are not rare: resampled rows, and a weight on top.

    ## What it does
    Fires if `scale_pos_weight` or sample weights weigh the positives up by `min_weight` or more, and the positives then
    weigh `min_odds` times as much as the negatives, all together: more than any balance of the classes asks for.
    ## Why is this bad
    The rows were balanced before (SMOTE, oversampling, a balanced draw), or the weight was copied from other data: the
    model calls nearly every row positive, and its probabilities are far too high.
    ## When to ignore it
    A missed positive costs you so many times a false alarm, and you decide at 0.5.
    """

    code = "CL409"
    name = "overweighted-class"
    basis = FACT
    explains: ClassVar[tuple[str, ...]] = (
        "CL402", "CL403", "CL404", "CL405", "CL406", "CL408", "HP508", "CV101", "CV102", "CV112",
    )  # fmt: skip

    min_weight: float = param(1.5, "factor between the weights of the two classes", ge=1.0, le=1e9)
    min_odds: float = param(3.0, "weight of all positives over that of all negatives", ge=1.0, le=1e9)

    def check(self, weighting: ClassWeighting, header: Header) -> Iterator[Finding]:
        """Compare the weight with what the training labels ask for."""
        counts = class_counts(header.training_label())
        if counts is None or len(counts) != 2 or not (counts > 0).all():
            raise Missing("needs training labels of two classes")
        odds = float(weighting.factor * counts[1] / counts[0])
        if weighting.factor < self.min_weight or odds < self.min_odds:
            return
        share = float(counts[1] / counts.sum())
        balancing = float(counts[0] / counts[1])
        verb = "weigh" if weighting.of_rows else "weighs"
        yield self.finding(
            f"{weighting.how} {verb} the positives {figure(weighting.factor)} times, and {percent(share)} of the "
            f"training rows are positive already: together they weigh {figure(odds)} times as much as the negatives, "
            "which is no balance, and lifts every probability; were the rows resampled before?",
            try_next=_less(weighting, balancing),
            factor=weighting.factor,
            share=share,
            odds=odds,
        )


def _less(weighting: ClassWeighting, balancing: float) -> tuple[Change, ...]:
    if weighting.of_rows:
        return ()
    return (Change("scale_pos_weight", max(round(balancing, 1), 1.0), "balances the rows as they are"),)
