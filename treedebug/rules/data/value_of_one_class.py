"""DA629 value-of-one-class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_profile import ColumnProfile
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, rows, shown
from treedebug.signals.data.checked_tables import NO_LABEL, TrainingTable, lacking


@dataclass(frozen=True, kw_only=True)
class ValueOfOneClass(Rule):
    """All rows with some value of a feature have one label, and its other values tell nothing.

    ## What it does
    Looks at values of each feature (ranges, of columns of many values) whose rows all have one label, which is not the
    usual one. Fires when chance would not give as many rows (`max_log10`, over all columns), the rest of the column
    tells next to nothing of the label (`max_rest`), and at most `max_features` features are like that: where many are,
    the classes are easy to tell.
    ## Why is this bad
    Such a mark is often set because the label is known: a call when leaving, a code of the outcome, a date of closing.
    The model trusts it, and where it is used the mark is not set yet.
    ## When to ignore it
    The value is known when the model is used.
    """

    code = "DA629"
    name = "value-of-one-class"
    severity = Severity.INFO

    max_log10: float = param(-8.0, "logarithm of the probability by chance", ge=-1e6, le=0.0)
    max_rest: float = param(0.15, "score of the feature without these rows", ge=0.0, le=1.0)
    max_features: int = param(2, "features that may be like that", ge=1, le=1000)

    def check(self, table: TrainingTable) -> Iterator[Finding]:
        """Compare each value's rows with chance, and the rest of the column with nothing."""
        if table.profile.label is None:
            raise lacking(table.profile, NO_LABEL)
        if table.profile.made_up is None and table.profile.label_order is None:
            raise Missing("too few rows with a label")
        pure = [c for c in table.features if c.pure is not None and c.pure.log10_chance <= self.max_log10]
        found = [c for c in pure if self._is_mark(c)]
        if not found or len(pure) > self.max_features:
            return
        for column in found:
            mark = column.pure
            if mark is None:
                continue
            value = "missing" if mark.value is None else shown(mark.value)
            yield self.finding(
                f"all {rows(mark.n_rows)} with {column.name} {value} have label {shown(mark.label)}, of the others "
                f"{percent(mark.share_elsewhere)}: is it set when the label is known?",
                subject=column.name,
                columns=[column.name][:MOST],
                n_rows=mark.n_rows,
                value=mark.value,
                label=mark.label,
            )

    def _is_mark(self, column: ColumnProfile) -> bool:
        return column.pure is not None and column.pure.rest_score <= self.max_rest
