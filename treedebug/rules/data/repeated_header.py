"""DA635 repeated-header."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import listed
from treedebug.engine.rule import Rule
from treedebug.rules.data._column_words import MOST
from treedebug.signals.data.checked_tables import Tables


@dataclass(frozen=True, kw_only=True)
class RepeatedHeader(Rule):
    """A row repeats the header.

    ## What it does
    Fires when a row of a CSV file holds the names of the columns. Such rows are left out of everything else.
    ## Why is this bad
    Files were put behind each other with their headers (`cat a.csv b.csv`). One such row makes every column of numbers
    a column of texts, and its label a class of its own.
    ## When to ignore it
    Your own reader of the file drops these rows, too.
    """

    code = "DA635"
    name = "repeated-header"

    def check(self, tables: Tables) -> Iterator[Finding]:
        """Name the rows."""
        for name, profile in tables.by_name.items():
            if found := profile.header_rows:
                which = "row" if len(found) == 1 else "rows"
                verb = "repeats" if len(found) == 1 else "repeat"
                yield self.finding(
                    f"{which} {listed([str(r) for r in found])} of {name} {verb} the header",
                    subject=name,
                    try_next=(Change("drop_rows", list(found[:MOST]), "files were put together with their headers"),),
                    rows=list(found[:MOST]),
                )
