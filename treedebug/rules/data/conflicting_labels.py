"""DA608 conflicting-labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, rows, values
from treedebug.signals.data.checked_tables import Labels, RepeatedRows


@dataclass(frozen=True, kw_only=True)
class ConflictingLabels(Rule):
    """Rows are equal in every feature and have different labels.

    ## What it does
    Counts the rows of the training data that equal others in every feature and have another label than most of these,
    beyond what chance makes of columns of few values. Fires when they are `min_share` of the rows or more; a warning
    from `max_share` on.
    ## Why is this bad
    No model can tell such rows apart, so some of them are always wrong. Either labels are wrong, or the feature that
    decides is missing.
    ## When to ignore it
    The outcome really is a matter of chance given the features.
    """

    code = "DA608"
    name = "conflicting-labels"

    min_share: float = param(0.001, "share of the rows that contradict others, beyond chance", ge=0.0, le=1.0)
    max_share: float = param(0.01, "the same, a warning from here on", ge=0.0, le=1.0)

    def check(self, repeated: RepeatedRows, labels: Labels) -> Iterator[Finding]:
        """Compare the share of rows in conflict with what chance gives."""
        if repeated.name not in labels.by_name:
            raise Missing("needs the label of the training data")
        repeats = repeated.repeats
        share = repeats.n_minority / repeated.n_rows
        beyond = share - repeated.expected
        if repeats.n_minority < 2 or beyond < self.min_share:  # one pair is an accident
            return
        example = ""
        if repeats.conflicts:
            at, given = repeats.conflicts[0][:4], repeats.conflict_labels[0][:4]
            example = f"; for instance rows {', '.join(map(str, at))}: {values(given)}"
        yield self.finding(
            f"{rows(repeats.n_minority)} ({percent(share)}) equal others in every feature and have another label than "
            f"most of these{example}",
            severity=Severity.WARNING if beyond >= self.max_share else Severity.INFO,
            try_next=(
                Change(
                    "review_rows", [r for g in repeats.conflicts for r in g][:MOST], "or add the feature that decides"
                ),
            ),
            n_rows=repeats.n_minority,
            n_conflicting=repeats.n_conflicting,
            n_groups=repeats.n_conflict_groups,
            share=share,
            rows=[list(g) for g in repeats.conflicts[:MOST]],
            labels=[list(g) for g in repeats.conflict_labels[:MOST]],
        )
