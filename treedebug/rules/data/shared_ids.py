"""DA631 shared-ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, concerned, told
from treedebug.signals.data.checked_tables import Splits


@dataclass(frozen=True, kw_only=True)
class SharedIds(Rule):
    """The same customers, patients or machines stand in both sets, and no group was named.

    ## What it does
    Looks at columns named like the id of somebody (`user_id`, `patient`, `CustomerNo`) whose values repeat, where no
    column was named as group. Fires when `min_share` or more of another set's rows are of ids in the training data.
    ## Why is this bad
    Rows of one person are alike, and the model knows the person: the score on them says little about new ones.
    ## When to ignore it
    The model is used on the persons of the training data, later on: then split by time.
    """

    code = "DA631"
    name = "shared-ids"
    severity = Severity.INFO

    min_share: float = param(0.5, "share of the other set's rows", ge=0.0, le=1.0)

    def check(self, splits: Splits) -> Iterator[Finding]:
        """Compare the share of known ids."""
        for split in splits:
            if split.train.group:
                continue
            found = [s for s in split.between.shared_ids if s.share >= self.min_share]
            if found:
                phrases = [f"{s.column} ({percent(s.share)} of its rows, {figure(s.rows_each)} training rows for each)"
                           for s in found]  # fmt: skip
                yield self.finding(
                    f"ids of the training data stand in {split.name}, too: {told(phrases)}",
                    subject=split.name,
                    try_next=(Change("group", found[0].column, "if the model is to know new ones, split by it"),),
                    **concerned([s.column for s in found]),
                    shares={s.column: s.share for s in found[:MOST]},
                )
