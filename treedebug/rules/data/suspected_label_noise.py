"""DA622 suspected-label-noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import SUSPICION, Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._noise_price import price_words
from treedebug.rules.data._suspect_rows import suspect_rows
from treedebug.signals.data.suspect_labels import LabelSuspects, Noise


@dataclass(frozen=True, kw_only=True)
class SuspectedLabelNoise(Rule):
    """Labels are wrong that a model is sure about.

    ## What it does
    Looks at how sure predictions are of rows they were not trained on: of the validation rows of a run that kept
    `row_margins`, and, where the data was measured, out of fold. Where classes merely overlap, the surest predictions
    are hardly ever contradicted by the label; where labels are wrong, even these are. From that the share of wrong
    labels is estimated. Fires at `min_noise`; where it is `sure_noise` beyond doubt (two standard deviations); and of a
    table where it is `clean_noise` and explains `min_match` of what is contradicted. Lists as large a share of the
    rows: of a run by the area under their margin over the first rounds (Pleiss et al., 2020), else by confident
    learning (Northcutt et al., 2021). Where overlap may be the reason (`min_contradicted`), it is info. A model that
    learns by heart (`min_transfer`), is mostly wrong where it is surest (`max_contradicted`), or is contradicted there
    nearly as often as a guess is, accuses nobody; nor does a table of fewer than `min_table_rows`, or with many rows
    that are equal but for the label.
    ## Why is this bad
    The model learns the wrong labels too, and a validation set with wrong labels measures it wrongly: the best round,
    the best parameters and the score itself are off.
    ## When to ignore it
    The label itself is a matter of chance (a click, a default), so that the surest prediction is often wrong.
    """

    code = "DA622"
    name = "suspected-label-noise"
    basis = SUSPICION
    explains = ("CV101", "CV102", "CV103", "CV107", "CL406", "FT305")

    min_noise: float = param(0.14, "estimated share of wrong labels", ge=0.0, le=0.6)
    sure_noise: float = param(0.09, "share of wrong labels, less two standard deviations", ge=0.0, le=0.6)
    clean_noise: float = param(
        0.03, "share of wrong labels, less one standard deviation, in clean data", ge=0.0, le=0.6
    )
    min_match: float = param(0.85, "estimate over what is contradicted of the surest quarter", ge=0.0, le=10.0)
    min_contradicted: float = param(0.16, "share contradicted of the surest quarter of the rows", ge=0.0, le=1.0)
    max_contradicted: float = param(0.55, "share contradicted that no label noise explains", ge=0.0, le=1.0)
    min_transfer: float = param(0.4, "confidence on held-out rows over that on training rows", ge=0.0, le=10.0)
    min_rows: int = param(60, "rows held out", ge=4, le=1_000_000_000)
    min_table_rows: int = param(300, "rows of a table that is judged before training", ge=10, le=1_000_000_000)
    min_rounds: int = param(20, "rounds before a training is judged", ge=1, le=100_000)
    most_rows: int = param(1000, "rows listed in the evidence", ge=1, le=1_000_000)

    def check(self, suspects: LabelSuspects) -> Iterator[Finding]:
        """Compare the estimate with what overlap explains, and name the rows."""
        run, table = suspects.run, suspects.table
        ready = run is not None and run.n_held_out >= self.min_rows and run.n_rounds >= self.min_rounds
        if not ready and (table is None or table.is_blind or table.n_rows < self.min_table_rows):
            return
        found = suspects.noise(with_run=ready)
        learnt = run is not None and ready and run.transfer < self.min_transfer
        noisy = self._noisy(found, in_table=table is not None)
        if learnt or found.contradicted > self.max_contradicted:
            return
        if not noisy and found.contradicted < self.min_contradicted:
            return
        share = found.share if noisy else found.contradicted
        listed = suspect_rows(suspects, share=share, most=self.most_rows, by_run=ready)
        yield self.finding(
            f"about {percent(share)} of the labels look wrong"
            + (": " if noisy else ", or the classes overlap: ")
            + f"{percent(found.contradicted)} of the surest predictions of other rows are contradicted; {listed.words}"
            + (price_words(suspects, share) if noisy else ""),
            severity=Severity.WARNING if noisy else Severity.INFO,
            try_next=(Change("review_rows", listed.rows[:10], "correct the labels that are wrong"),),
            noise=found.share,
            noise_deviation=found.deviation,
            contradicted=found.contradicted,
            n_suspects=listed.n,
            rows=listed.rows,
            suggested=listed.suggested,
        )

    def _noisy(self, found: Noise, *, in_table: bool) -> bool:
        clean = found.share - found.deviation >= self.clean_noise
        clean = clean and found.share >= self.min_match * found.contradicted
        sure = found.share - 2.0 * found.deviation >= self.sure_noise
        return found.share >= self.min_noise or sure or (in_table and clean)
