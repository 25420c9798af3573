"""DA626 misplaced-columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.label_traces import LookAlike
from treedebug.core.findings import Change, Finding, Severity
from treedebug.engine.rule import Rule
from treedebug.rules.data._column_words import MOST
from treedebug.signals.data.checked_tables import Split, Splits


@dataclass(frozen=True, kw_only=True)
class MisplacedColumns(Rule):
    """Columns of another set are swapped, renamed, or in another unit.

    ## What it does
    Fires when two numeric columns that are spread otherwise in another set are each spread as the other one is in the
    training data; when one is, once its values are converted (inches to centimetres, thousands, Fahrenheit, a
    logarithm); and when a column that the other set lacks is there under another name: the same but for case and marks,
    or the only new column with such values.
    ## Why is this bad
    The model reads one thing for another, without an error.
    ## When to ignore it
    The columns are alike by chance, and the sets differ for another reason.
    """

    code = "DA626"
    name = "misplaced-columns"
    severity = Severity.ERROR
    explains = ("DA610", "DA609", "DA625")

    def check(self, splits: Splits) -> Iterator[Finding]:
        """Say what each column of the other set looks like."""
        for split in splits:
            for how in ("swapped", "renamed", "unit"):
                found = [x for x in split.between.look_alikes if x.how == how]
                if found:
                    yield self._finding(split, how, found)

    def _finding(self, split: Split, how: str, found: list[LookAlike]) -> Finding:
        some = "; ".join(_said(split.name, x) for x in found[:3]) + (f" and {len(found) - 3} more" * (len(found) > 3))
        columns = list(dict.fromkeys(n for x in found for n in (x.column, x.other_column)))
        return self.finding(
            f"{some}: {_CAUSE[how]}",
            subject=f"{how} in {split.name}",
            try_next=(_change(split.name, how, found),),
            columns=columns[:MOST],
            n_columns=len(columns),
        )


_CAUSE = {
    "swapped": "the columns seem to be swapped",
    "renamed": "the names differ",
    "unit": "the unit seems to differ",
}


def _said(name: str, x: LookAlike) -> str:
    if x.how == "unit":
        return f"{name}'s {x.column} is spread as the training one {x.unit}"
    if x.how == "swapped":
        return f"{name}'s {x.column} looks like {x.other_column} in training, and the other way round"
    return f"{name}'s {x.other_column!r} looks like {x.column!r} in training"


def _change(name: str, how: str, found: list[LookAlike]) -> Change:
    if how == "unit":
        return Change("convert", {x.column: x.unit for x in found[:MOST]}, f"bring {name} to the unit of training")
    if how == "renamed":
        return Change("rename", {x.other_column: x.column for x in found[:MOST]}, f"the names of training, in {name}")
    both = {x.column: x.other_column for x in found[:MOST]}
    return Change("rename", both | {b: a for a, b in both.items()}, f"swap them back in {name}")
