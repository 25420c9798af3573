"""DA609 missing-values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, concerned, drop, these, told
from treedebug.signals.data.checked_tables import Split, Splits, TrainingTable

_NOTHING = 0.95
"""Share missing from which a column is not worth its place."""


@dataclass(frozen=True, kw_only=True)
class MissingValues(Rule):
    """Much of a column is missing, or it is missing at another rate in another set.

    ## What it does
    Fires for columns of the training data of which `min_share` or more is missing (texts of blanks included): info, and
    a warning from `max_share` on. And for columns that miss more, or less, of their values in another set: by
    `min_change` or more, beyond chance (`max_p` over all columns). A column that another set lacks altogether is an
    error.
    ## Why is this bad
    Trees send missing values to one side, learned in training: if they are missing for another reason later on, that
    side is wrong. A rate that changes often means that the sets come from different sources. A booster refuses a table
    without one of its columns.
    ## When to ignore it
    A value that is missing means something, and will be missing for the same reason when the model is used.
    """

    code = "DA609"
    name = "missing-values"
    explains = ("DA610",)

    min_share: float = param(0.2, "share of a column that is missing", ge=0.0, le=1.0)
    max_share: float = param(0.4, "the same, a warning from here on", ge=0.0, le=1.0)
    min_change: float = param(0.05, "difference of the shares in two sets", ge=0.0, le=1.0)
    max_p: float = param(0.001, "probability of such a difference by chance, over all columns", ge=0.0, le=1.0)

    def check(self, table: TrainingTable, splits: Splits | None) -> Iterator[Finding]:
        """Look at the shares within the training data, then between the sets."""
        shares = {c.name: (c.n_missing + c.n_empty) / c.n_rows for c in table.features if c.n_rows}
        ranked = sorted(((s, n) for n, s in shares.items() if s >= self.min_share), key=lambda x: -x[0])
        for most, found in ((True, [x for x in ranked if x[0] >= self.max_share]),
                            (False, [x for x in ranked if x[0] < self.max_share])):  # fmt: skip
            if found:
                yield self.finding(
                    f"missing values in {told([f'{n} ({percent(s)})' for s, n in found])}",
                    subject="most missing" if most else "many missing",
                    severity=Severity.WARNING if most else Severity.INFO,
                    try_next=drop([n for s, n in found if s >= _NOTHING], "next to nothing is there to learn from"),
                    **concerned([n for _, n in found]),
                    shares={n: s for s, n in found[:MOST]},
                )
        for split in splits or ():
            yield from self._lacking(split)
            yield from self._changed(split)

    def _lacking(self, split: Split) -> Iterator[Finding]:
        names = list(split.between.missing_columns)
        if names:
            yield self.finding(
                f"{split.name} lacks {these(names, 'of the training data', 'of the training data')}",
                subject=f"columns of {split.name}",
                severity=Severity.ERROR,
                try_next=(Change("add_columns", names[:MOST], f"{split.name} needs the columns of the training data"),),
                **concerned(names),
            )

    def _changed(self, split: Split) -> Iterator[Finding]:
        drifts = split.between.drifts
        found = [
            d
            for d in drifts
            if abs(d.missing_other - d.missing_train) >= self.min_change
            and d.missing_p_value * max(len(drifts), 1) <= self.max_p
        ]
        if not found:
            return
        found.sort(key=lambda d: -abs(d.missing_other - d.missing_train))
        phrases = [f"{d.column} ({percent(d.missing_train)} to {percent(d.missing_other)})" for d in found]
        yield self.finding(
            f"missing at another rate in {split.name} than in the training data: {told(phrases)}",
            subject=f"rate in {split.name}",
            **concerned([d.column for d in found]),
            shares={d.column: [d.missing_train, d.missing_other] for d in found[:MOST]},
        )
