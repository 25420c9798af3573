"""DA632 labels-in-another-order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.engine.rule import Rule
from treedebug.signals.data.checked_tables import Labels, Tables


@dataclass(frozen=True, kw_only=True)
class LabelsInAnotherOrder(Rule):
    """The labels given apart from the table have another index than the table.

    ## What it does
    Compares the index of `y` with that of `X` (both of pandas). A warning when they hold the same rows in another
    order; info when they hold other rows. Labels are taken by position, as boosters take them.
    ## Why is this bad
    If one side was shuffled and the other was not, each row has the label of another one: nothing can be learned.
    ## When to ignore it
    Only the index was made anew (`reset_index`), and the rows stand in the same order.
    """

    code = "DA632"
    name = "labels-in-another-order"
    explains = ("DA622", "DA625", "CV101", "CV103")

    def check(self, tables: Tables, labels: Labels) -> Iterator[Finding]:  # noqa: ARG002 - labels are needed
        """Say how the indexes differ."""
        for name, profile in tables.by_name.items():
            if not profile.label_index:
                continue
            same = profile.label_index == "another order"
            yield self.finding(
                f"the index of the labels of {name} holds "
                + ("the rows of the table in another order" if same else "other rows than the table")
                + ": labels are taken by position",
                subject=name,
                severity=Severity.WARNING if same else Severity.INFO,
                try_next=(Change("y", "y.loc[X.index]", "if they belong together by index"),) if same else (),
            )
