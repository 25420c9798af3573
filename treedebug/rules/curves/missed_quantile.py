"""CV116 missed-quantile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.changes import question
from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import calmer
from treedebug.signals.classes.quantile_coverage import QuantileCoverage


@dataclass(frozen=True, kw_only=True)
class MissedQuantile(Rule):
    """The predictions are not the quantile that was asked for.

    ## What it does
    Judges a finished training of one quantile (`quantile`, `reg:quantileerror`) by its validation predictions: a
    quantile of 0.9 should lie above nine labels in ten. Fires if the share of the labels at or below their prediction
    is off by `min_off` and by `min_sigmas` of chance.
    ## Why is this bad
    An interval between two such quantiles holds far fewer rows than promised. Most often the trees have learned the
    training rows by heart: there every quantile comes near the label itself.
    ## When to ignore it
    The validation rows come from another time or place, whose labels lie higher or lower.
    """

    code = "CV116"
    name = "missed-quantile"

    min_off: float = param(0.08, "difference between the share of labels below and the quantile", ge=0.0, le=1.0)
    min_sigmas: float = param(4.0, "standard deviations of chance that it must be off", ge=0.0, le=100.0)

    def check(self, seen: QuantileCoverage, header: Header) -> Iterator[Finding]:
        """Compare the share of the labels below the predictions with the quantile."""
        off = seen.share - seen.alpha
        if abs(off) < self.min_off or abs(off) < self.min_sigmas * seen.chance:
            return
        inward = (off < 0) == (seen.alpha > 0.5)  # towards the middle, as overfitted quantiles go
        why = ": the trees have learned the training rows by heart, or these rows are others" if inward else ""
        yield self.finding(
            f"{percent(seen.share)} of the labels of {seen.dataset} lie at or below the predicted quantile of "
            f"{figure(seen.alpha)}, which should be {percent(seen.alpha)}{why}",
            subject=seen.dataset,
            try_next=(
                *(calmer(header) if inward else ()),
                question("Can some rows be kept back, to shift the quantiles by what they miss there (conformal)?"),
            ),
            alpha=seen.alpha,
            share=seen.share,
            n_rows=seen.n_rows,
        )
