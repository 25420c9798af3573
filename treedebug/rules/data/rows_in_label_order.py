"""DA628 rows-in-label-order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.signals.data.checked_tables import NO_LABEL, TrainingTable, lacking


@dataclass(frozen=True, kw_only=True)
class RowsInLabelOrder(Rule):
    """The rows are sorted by their label.

    ## What it does
    Counts how often the label changes from one row to the next (of numbers, from one side of the median to the other).
    Fires when it does so at most `max_share` as often as in rows of no order.
    ## Why is this bad
    A split that does not shuffle (`KFold()`, the last rows as validation set) then has one class on one side: the score
    means nothing. A column that counts the rows tells the label.
    ## When to ignore it
    Every split is shuffled or stratified, and no column counts the rows.
    """

    code = "DA628"
    name = "rows-in-label-order"

    max_share: float = param(0.05, "changes of the label from row to row, over those by chance", ge=0.0, le=1.0)
    min_expected: float = param(20.0, "changes by chance below which no order shows", ge=1.0, le=1e9)

    def check(self, table: TrainingTable) -> Iterator[Finding]:
        """Compare the changes with those by chance."""
        order = table.profile.label_order
        if order is None:
            reason = NO_LABEL if table.profile.label is None else "too few rows with a label"
            raise Missing(reason) if table.profile.label is not None else lacking(table.profile, reason)
        if order.expected < self.min_expected or order.n_changes > self.max_share * order.expected:
            return
        yield self.finding(
            f"the rows are sorted by label: it changes {order.n_changes} times from row to row, in shuffled rows "
            f"{order.expected:.0f} times; a split that does not shuffle has one class on one side",
            try_next=(Change("shuffle", value=True, why="before any split, or split by time or group on purpose"),),
            n_changes=order.n_changes,
            expected=order.expected,
        )
