"""DA617 invalid-labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_profile import CLASSES, Value
from treedebug.core.data.table_profile import LabelProfile
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._label_problems import (
    Fault,
    of_codes,
    of_domain,
    of_numbering,
    of_spelling,
    of_text,
    of_values,
)
from treedebug.signals.data.checked_tables import Labels

_OF_CLASSES = ("HP505", "DA601", "DA611", "DA615", "DA624")
"""What follows where one class stands for several, or an amount for a class."""


@dataclass(frozen=True, kw_only=True)
class InvalidLabels(Rule):
    """Labels are missing, infinite, all the same, misnumbered, or outside what the objective takes.

    ## What it does
    Looks at the labels of every set. Errors: rows without a label, infinite labels, numbers written as text, a single
    class or value, and labels that the objective (where it is known) does not take. Warnings: class numbers that do not
    run from 0 without a gap (unless the last ones are so rare, below `min_share`, that the labels look like counts),
    one class in several spellings, and a number such as -999 that stands for a missing label.
    ## Why is this bad
    XGBoost refuses labels that are missing or not numbered 0, 1, 2, ...; LightGBM takes some of them without a word and
    learns something else. A label in two spellings is two classes.
    ## When to ignore it
    You number the labels, or drop rows without one, on the way to the booster.
    """

    code = "DA617"
    name = "invalid-labels"
    explains = ("HP505",)

    min_share: float = param(0.005, "share of the rows with the highest label, fewer look like counts", ge=0.0, le=1.0)

    def check(self, labels: Labels, header: Header) -> Iterator[Finding]:
        """Go through what can be wrong, set by set."""
        elsewhere = [c.value for label in labels.by_name.values() for c in label.classes if c.count]
        for position, (name, label) in enumerate(labels.by_name.items()):
            for fault in self._faults(label, header, elsewhere, is_training=position == 0):
                yield self.finding(
                    f"{fault.message} ({name})",
                    subject=f"{fault.kind} in {name}",
                    severity=fault.severity,
                    try_next=(Change(*fault.change),) if fault.change else (),
                    explains=_OF_CLASSES if fault.kind in ("spelling", "text") else None,
                    columns=[label.column.name],
                    **fault.numbers,
                )

    def _faults(
        self, label: LabelProfile, header: Header, elsewhere: list[Value], *, is_training: bool
    ) -> Iterator[Fault]:
        yield from of_values(label)
        if is_training:
            yield from of_text(label)
            yield from of_codes(label)
        if label.kind == CLASSES:
            yield from of_spelling(label)
            if is_training:
                yield from of_numbering(label, self.min_share, elsewhere)
        yield from of_domain(label, header)
        if is_training and label.n_labelled and label.column.n_distinct == 1:
            numbers = {"n_rows": label.n_labelled}
            yield Fault("one value", "all labels are the same: there is nothing to learn", Severity.ERROR, numbers)
