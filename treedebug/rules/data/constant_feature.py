"""DA604 constant-feature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_profile import ColumnProfile
from treedebug.core.data.data_sets import DataSets
from treedebug.core.findings import Finding, Severity
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import concerned, drop, is_constant, nearly, these, told
from treedebug.rules.data._model_kinds import trains_trees
from treedebug.signals.data.checked_tables import PARTIAL, TrainingTable


@dataclass(frozen=True, kw_only=True)
class ConstantFeature(Rule):
    """A feature has the same value in every row, or in nearly every row.

    ## What it does
    Fires for columns of the training data that hold one value only, with nothing missing; and for those where one value
    takes `max_share` of the rows or more. Info, but a warning for a column that is constant in the training data and
    has other values in `min_varying` of the rows of another set: where trees are trained, only for these, as
    trees pass over the others. Columns in which everything is missing are DA609.
    ## Why is this bad
    No split can use it, or only to tell a few rows apart. Often a join or a filter went wrong. What varies only later,
    the model has never learned.
    ## When to ignore it
    The column is filled by another source, or the rare value is what matters.
    """

    code = "DA604"
    name = "constant-feature"
    severity = Severity.INFO

    max_share: float = param(0.99, "share of the rows that hold one and the same value", ge=0.5, le=1.0)
    min_rows: int = param(20, "rows that the training data must have", ge=2, le=1_000_000)
    min_varying: float = param(0.02, "share of another set's rows with another value, a warning", ge=0.0, le=1.0)

    def check(self, table: TrainingTable, sets: DataSets, header: Header) -> Iterator[Finding]:
        """Look at the most frequent value of every column."""
        if table.profile.is_partial:
            raise Missing(PARTIAL)
        if table.profile.n_rows < self.min_rows:
            return
        present = [c for c in table.features if c.n_missing < c.n_rows]
        constant = [c.name for c in present if is_constant(c)]
        varies = [n for n in constant if any(self._varies(other.columns, n) for other in sets.others.values())]
        if varies:
            yield self._varying(varies)
        if trains_trees(header):
            return
        same = [n for n in constant if n not in varies]
        if same:
            yield self.finding(
                these(same, "holds one value only", "hold one value only"),
                subject="constant",
                try_next=drop(same, "no split can use it"),
                **concerned(same),
            )
        almost = [(c.name, _share(c)) for c in present if not is_constant(c) and _share(c) >= self.max_share]
        if almost:
            phrases = [f"{name} ({nearly(share)})" for name, share in almost]
            yield self.finding(
                f"nearly every row has the same value in {told(phrases)}",
                subject="almost constant",
                **concerned([n for n, _ in almost]),
                shares=dict(almost[:20]),
            )

    def _varying(self, names: list[str]) -> Finding:
        return self.finding(
            these(
                names,
                "is constant in the training data and varies elsewhere",
                "are constant in the training data and vary elsewhere",
            ),
            subject="constant in the training data only",
            severity=Severity.WARNING,
            try_next=drop(names, "nothing can be learned from it"),
            **concerned(names),
        )

    def _varies(self, columns: tuple[ColumnProfile, ...], name: str) -> bool:
        return any(c.name == name and not is_constant(c) and 1.0 - _share(c) >= self.min_varying for c in columns)


def _share(column: ColumnProfile) -> float:
    """Share of all rows on the most frequent value."""
    return column.top_values[0].count / column.n_rows if column.top_values else 0.0
