"""DA630 made-up-rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, shown
from treedebug.signals.data.checked_tables import ClassLabels, TrainingTable


@dataclass(frozen=True, kw_only=True)
class MadeUpRows(Rule):
    """Rows of one class were made between others, as SMOTE does, before the table was split.

    ## What it does
    Fires when `min_share` or more of the rows of a class (some are looked at) lie exactly on the line between two of
    their nearest of the same class; or when columns are whole numbers in every row but those of one class, of which
    `min_fractions` or more have a fraction. An error if there is a second set: it holds made-up rows as well.
    ## Why is this bad
    A made-up row lies between two real ones. Split afterwards, its parents are in training and it is in validation: the
    score is too good. And the share of the classes is no longer that of the world.
    ## When to ignore it
    Only training rows were made, after the split, and the probabilities are corrected for it.
    """

    code = "DA630"
    name = "made-up-rows"
    explains = ("DA601", "DA607", "DA614")

    min_share: float = param(0.1, "rows of a class between two others", ge=0.0, le=1.0)
    min_fractions: float = param(0.2, "rows of a class with a fraction", ge=0.0, le=1.0)

    def check(self, table: TrainingTable, labels: ClassLabels) -> Iterator[Finding]:  # noqa: ARG002 - classes are needed
        """Look at the class with most of such rows."""
        found = table.profile.made_up
        if found is None:
            return
        share = found.n_between / found.n_rows if found.n_rows else 0.0
        traces = []
        if share >= self.min_share:
            traces.append(f"{percent(share)} of its rows lie on the line between two others of it")
        if found.columns and found.fraction_share >= self.min_fractions:
            names = ", ".join(found.columns[:3])
            traces.append(f"{names} has fractions in {percent(found.fraction_share)} of its rows and in no others")
        if not traces:
            return
        yield self.finding(
            f"rows of class {shown(found.label)} look made up (SMOTE): {'; '.join(traces)}",
            severity=Severity.WARNING,
            try_next=(Change("split_first", value=True, why="make rows from training rows only, or none at all"),),
            columns=list(found.columns[:MOST]),
            share=share,
            fraction_share=found.fraction_share,
        )
