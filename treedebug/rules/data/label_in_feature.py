"""DA637 label-in-feature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.label_traces import OwnLabelTrace
from treedebug.core.findings import FACT, Change, Finding, Severity
from treedebug.core.phrases import figure
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import concerned, told
from treedebug.signals.data.checked_tables import TrainingTable


@dataclass(frozen=True, kw_only=True)
class LabelInFeature(Rule):
    """A rolling mean, a running total or a difference holds the label of its own row.

    ## What it does
    Puts the rows in the order of time, or leaves them as they stand, all of them and those of each shop. Fires for a
    column whose value follows from its last value, one earlier label and the label of the row itself, where the row's
    own label leaves `max_left` or less of what the earlier values do not explain. A mean of earlier rows alone does not
    fire.
    ## Why is this bad
    The label is not known when the model is used, so the column cannot be made then, or means something else: the score
    is far too good. In pandas, `rolling(7).mean()` ends with the row itself, `shift(1).rolling(7).mean()` before it.
    ## When to ignore it
    The label is known one step before it is predicted, as of a measurement that only comes late.
    """

    code = "DA637"
    name = "label-in-feature"
    basis = FACT
    severity = Severity.ERROR
    explains = ("DA607", "DA610", "DA621", "DA625", "FT306")

    max_left: float = param(0.02, "what the own label leaves of all that earlier values do not tell", ge=0.0, le=1.0)

    def check(self, table: TrainingTable) -> Iterator[Finding]:
        """List the columns that are made of their own label."""
        found = [t for t in table.profile.own_labels if t.left <= self.max_left]
        if found:
            names = [t.column for t in found]
            yield self.finding(
                f"the label of the row itself is in {told([_how(t) for t in found])}: it leaks, for it is not "
                "known when the row is predicted",
                try_next=(Change("shift", names[:1], "by one row before rolling or summing: shift(1)"),),
                weights={t.column: t.weight for t in found},
                **concerned(names),
            )


def _how(trace: OwnLabelTrace) -> str:
    kind = f"over {trace.width} rows" if trace.width > 1 else "and earlier rows"
    return f"{trace.column} ({figure(trace.weight)} times the label, {kind})"
