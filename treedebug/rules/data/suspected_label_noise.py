"""DA622 suspected-label-noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import listed, percent
from treedebug.signals.suspects import LabelSuspects


@dataclass(frozen=True, kw_only=True)
class SuspectedLabelNoise(Rule):
    """Labels are wrong that the model is sure about.

    ## What it does
    Looks at how sure the model is of rows it was not trained on. Where classes merely overlap, the surest predictions
    are hardly ever contradicted by the label; where labels are wrong, even these are. From that the share of wrong
    labels is estimated. Fires at `min_noise`, or where it is `sure_noise` beyond doubt (two standard deviations), and
    lists as large a share of the training rows: those with the smallest area under the margin over the first rounds
    (Pleiss et al., 2020). Where the surest quarter is contradicted (`min_contradicted`) and overlap may be the reason,
    it is info. A model that mostly learns by heart (`min_transfer`), or is mostly wrong where it is surest
    (`max_contradicted`), accuses nobody.
    ## Why is this bad
    The model learns the wrong labels too, and a validation set with wrong labels measures it wrongly: the best round,
    the best parameters and the score itself are off.
    ## When to ignore it
    The label itself is a matter of chance (a click, a default), so that the surest prediction is often wrong.
    """

    code = "DA622"
    name = "suspected-label-noise"
    preview = True
    explains = ("CV101", "CV102", "CV103", "CV107", "CL406", "FT305")

    min_noise: float = param(0.14, "estimated share of wrong labels", ge=0.0, le=0.6)
    sure_noise: float = param(0.09, "share of wrong labels, less two standard deviations", ge=0.0, le=0.6)
    min_contradicted: float = param(0.16, "share contradicted of the surest quarter of the rows", ge=0.0, le=1.0)
    max_contradicted: float = param(0.55, "share contradicted that no label noise explains", ge=0.0, le=1.0)
    min_transfer: float = param(0.4, "confidence on held-out rows over that on training rows", ge=0.0, le=10.0)
    min_rows: int = param(60, "rows held out", ge=4, le=1_000_000_000)
    min_rounds: int = param(20, "rounds before a training is judged", ge=1, le=100_000)
    most_rows: int = param(1000, "rows listed in the evidence", ge=1, le=1_000_000)

    def check(self, suspects: LabelSuspects) -> Iterator[Finding]:
        """Compare the estimate with what overlap explains, and name the rows."""
        s = suspects
        if s.n_held_out < self.min_rows or s.n_rounds < self.min_rounds:
            return
        if s.contradicted > self.max_contradicted or s.transfer < self.min_transfer:
            return
        noisy = s.noise >= self.min_noise or s.noise - 2.0 * s.noise_deviation >= self.sure_noise
        if not noisy and s.contradicted < self.min_contradicted:
            return
        share = s.noise if noisy else s.contradicted
        n = max(round(share * len(s.rows)), 1)
        rows = s.rows[: min(n, self.most_rows)].tolist()
        yield self.finding(
            f"about {percent(share)} of the labels look wrong"
            + (": " if noisy else ", or the classes overlap: ")
            + f"of the held-out rows that the model is surest of, {percent(s.contradicted)} carry another label; most "
            f"suspicious by {s.source} are {n} training rows, {listed([str(r) for r in rows])}",
            severity=Severity.WARNING if noisy else Severity.INFO,
            try_next=(Change("rows", rows[:10], "look at their labels first; correct them or leave the rows out"),),
            noise=s.noise,
            noise_deviation=s.noise_deviation,
            contradicted=s.contradicted,
            transfer=s.transfer,
            n_suspects=n,
            n_rows=len(s.rows),
            rows=rows,
        )
