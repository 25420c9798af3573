"""DA615 unseen-categories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.data_sets import Unseen
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, concerned, rows, told, values
from treedebug.signals.data.checked_tables import Split, Splits


@dataclass(frozen=True, kw_only=True)
class UnseenCategories(Rule):
    """Another set holds categories, or labels, that the training data lacks.

    ## What it does
    Counts the rows of each other set whose category no training row has, and takes away how many would be new by
    chance: as many as training rows are alone in their category, in proportion to the sets (Good and Turing). Fires
    when `min_share` of the rows or more remain; else it is info. A label that the training data lacks is an error.
    ## Why is this bad
    The model has learned nothing of such rows; a booster sends them where missing values go, or refuses them. A label
    that was never learned is always predicted wrongly.
    ## When to ignore it
    New categories are the rule (new shops, new products), and the score should say how the model copes.
    """

    code = "DA615"
    name = "unseen-categories"
    explains = ("DA610", "DA611")

    min_share: float = param(0.005, "share of the other set's rows, beyond chance", ge=0.0, le=1.0)
    min_rows: int = param(2, "rows of the other set for each new category, on average", ge=1, le=1_000_000)

    def check(self, splits: Splits) -> Iterator[Finding]:
        """Compare the share of unseen rows with what chance gives; then the labels."""
        for split in splits:
            yield from self._labels(split)
            found = [(u, self._is_much(split, u)) for u in split.between.unseen if u.n_rows and _is_category(split, u)]
            for severity in (Severity.WARNING, Severity.INFO):
                some = [u for u, much in found if much == (severity is Severity.WARNING)]
                if some:
                    phrases = [f"{u.column} ({rows(u.n_rows)}, {percent(u.n_rows / split.other.n_rows)}: "
                               f"{values(u.values, 3)})" for u in some]  # fmt: skip
                    yield self.finding(
                        f"categories of {split.name} that the training data lacks: {told(phrases, most=3)}",
                        subject=f"{'many' if severity is Severity.WARNING else 'few'} rows of {split.name}",
                        severity=severity,
                        try_next=(Change("other", [u.column for u in some[:MOST]], "one level for all rare and new"),),
                        **concerned([u.column for u in some]),
                        n_rows={u.column: u.n_rows for u in some[:MOST]},
                        values={u.column: list(u.values[:MOST]) for u in some[:MOST]},
                    )

    def _labels(self, split: Split) -> Iterator[Finding]:
        unseen = split.between.unseen_labels
        if unseen is not None and unseen.n_rows:
            has = "has" if unseen.n_rows == 1 else "have"
            yield self.finding(
                f"{rows(unseen.n_rows)} of {split.name} {has} a label that the training data lacks: "
                f"{values(unseen.values)}",
                subject=f"labels of {split.name}",
                severity=Severity.ERROR,
                try_next=(Change("stratify", unseen.column, "split so that training has every label"),),
                columns=[unseen.column],
                n_rows=unseen.n_rows,
                values=list(unseen.values[:MOST]),
            )

    def _is_much(self, split: Split, unseen: Unseen) -> bool:
        """Whether chance explains less than the rows that are new, and they are worth a warning."""
        column = split.train.column(unseen.column)
        singles = column.n_distinct - sum(v.count > 1 for v in column.top_values)  # at most so many
        chance = split.other.n_rows * singles / split.train.n_rows  # Good and Turing
        beyond = (unseen.n_rows - chance) / split.other.n_rows
        return beyond >= self.min_share and unseen.n_rows >= self.min_rows * unseen.n_values


def _is_category(split: Split, unseen: Unseen) -> bool:
    """Not an identifier or free text, new in every row."""
    column = split.train.column(unseen.column)
    return not column.role and column.n_distinct <= column.n_present / 2
