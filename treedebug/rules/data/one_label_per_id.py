"""DA627 one-label-per-id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.label_traces import OneLabel
from treedebug.core.findings import Change, Finding
from treedebug.engine.rule import Rule, param
from treedebug.signals.data.checked_tables import Splits, TrainingTable


@dataclass(frozen=True, kw_only=True)
class OneLabelPerId(Rule):
    """All rows of an id have the same label.

    ## What it does
    Looks at columns of numbers that repeat: an id, or an income to the cent that stands in every row of its owner.
    Fires when `min_pure` or more of the values with several rows have one label, chance would give at most
    `max_expected` of them, and neighbouring values share their label hardly more often than any two: the number is a
    name and not an amount. Not so where there are other sets and less than `min_known` of the rows of each have a value
    of the training data. The column named as group is none.
    ## Why is this bad
    The label belongs to the person (the machine, the patient) behind the id. A random split puts rows of one person on
    both sides, and the model learns ids by heart: the score is excellent until a new person comes.
    ## When to ignore it
    The model will only be used on the ids of the training data.
    """

    code = "DA627"
    name = "one-label-per-id"
    explains = ("DA631", "DA607", "DA619", "CV109", "FT302")

    min_pure: float = param(0.95, "share of the values with one label", ge=0.0, le=1.0)
    max_expected: float = param(0.5, "the same by chance", ge=0.0, le=1.0)
    min_known: float = param(0.1, "share of another set's rows whose value the training data has", ge=0.0, le=1.0)
    max_order: float = param(0.25, "how much more often than by chance neighbours share their label", ge=0.0, le=1.0)

    def check(self, table: TrainingTable, splits: Splits | None = None) -> Iterator[Finding]:
        """Compare labels within a value and between neighbours."""
        for column in table.features:
            found = column.one_label
            if found is None or not self._is_id(found) or self._is_split_by(column.name, splits):
                continue
            yield self.finding(
                f"all rows with one {column.name} have the same label, in {found.n_pure} of {found.n_values} "
                f"values with several rows ({found.expected:.0f} by chance): a random split has it on both sides",
                subject=column.name,
                try_next=(Change("group", column.name, "split by it, and leave it out of the features"),),
                columns=[column.name],
                n_values=found.n_values,
                n_pure=found.n_pure,
                expected=found.expected,
            )

    def _is_split_by(self, name: str, splits: Splits | None) -> bool:
        """Whether no other set knows its values: the rows were split by them."""
        known = [s.between.known_values.get(name, 1.0) for s in splits or ()]
        return bool(known) and max(known) < self.min_known

    def _is_id(self, found: OneLabel) -> bool:
        order = (found.neighbours - found.by_chance) / max(1.0 - found.by_chance, 1e-9)
        pure = found.n_pure >= self.min_pure * found.n_values
        return pure and found.expected <= self.max_expected * found.n_values and order <= self.max_order
