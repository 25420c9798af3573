"""FT307 unfamiliar-rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from treedebug.core.changes import question
from treedebug.core.findings import SUSPICION, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.core.run.row_coverage import RowCoverage
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class UnfamiliarRows(Rule):
    """New rows are of a kind that the model has not seen, whatever their columns look like one by one.

    ## What it does
    Takes the coverage of a row: the share of trees in which it falls into the same leaf as the training row most like
    it. Calls a new row unfamiliar if its coverage is under that of all but `usual` of the held-out rows, which are of
    training time but unseen. Fires if `min_share` of the new rows or more are, and more than chance would give
    (`min_deviation` standard errors). Rows are given to the check: `treedebug.check(run, rows=(X_train, X_valid,
    X_new))`.
    ## Why is this bad
    The model extrapolates on such rows: its error there was never measured. Columns that go together in other ways
    than before (a join that failed, a unit that changed in one of two columns, another kind of customer) are not seen
    by comparing column by column, as DA610 does.
    ## When to ignore it
    The new rows are meant to be of another kind, and you have labels to test the model on them.
    """

    code = "FT307"
    name = "unfamiliar-rows"
    severity = Severity.WARNING
    basis = SUSPICION

    usual: float = param(0.05, "share of the held-out rows that count as odd", ge=0.001, le=0.5)
    min_share: float = param(0.15, "share of the new rows that are unfamiliar", ge=0.0, le=1.0)
    min_deviation: float = param(4.0, "standard errors over the usual share", ge=0.0, le=1e6)
    min_rows: int = param(100, "held-out rows, for the usual share to mean something", ge=10, le=1_000_000)

    def check(self, coverage: RowCoverage) -> Iterator[Finding]:
        """Compare the share of odd rows with that among the held-out rows."""
        n_held_out, n_new = len(coverage.held_out), len(coverage.new)
        if n_held_out < self.min_rows or not n_new:
            return
        limit = float(np.quantile(coverage.held_out, self.usual))
        usual = float((coverage.held_out < limit).mean())
        share = float((coverage.new < limit).mean())
        error = math.sqrt(max(self.usual * (1.0 - self.usual), 1e-9) * (1.0 / n_new + 1.0 / n_held_out))
        if share < max(self.min_share, self.usual + self.min_deviation * error):
            return
        yield self.finding(
            f"{percent(share)} of the {n_new:,} new rows share fewer trees with any training row than "
            f"{percent(1.0 - usual)} of the held-out rows do: the model has seen nothing like them, and its error on "
            "them was never measured",
            subject="rows",
            try_next=(
                question("the rows with the lowest run.coverage(X_train, X_new): which columns no longer go together?"),
            ),
            unfamiliar_share=share,
            usual_share=usual,
            n_new=n_new,
        )
