"""DA603 correlated-features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_profile import LEVELS
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure, listed
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, SAME_ORDER, concerned
from treedebug.rules.data._model_kinds import trains_trees
from treedebug.signals.data.checked_tables import TrainingTable, correlated_groups


@dataclass(frozen=True, kw_only=True)
class CorrelatedFeatures(Rule):
    """Features say nearly the same.

    ## What it does
    Fires when pairs of features have a rank correlation (Spearman's, on a sample of the rows) of `min_correlation` or
    more, in either direction, and says which groups they form. Columns that are equal, or of the same order in every
    row, are DA619. Judges a table, and the training data of neural nets and linear boosters; not that of trees, which
    predict as well with all of them.
    ## Why is this bad
    Trees choose among such features by chance, so that importance is shared out between them and no one of them looks
    as important as it is; linear models become unstable; and every copy costs memory and time.
    ## When to ignore it
    You do not read importances, and time does not matter.
    """

    code = "DA603"
    name = "correlated-features"
    severity = Severity.INFO

    min_correlation: float = param(0.9, "rank correlation of two features", ge=0.5, le=1.0)

    def check(self, table: TrainingTable, header: Header) -> Iterator[Finding]:
        """Compare every pair, and link them to groups."""
        if trains_trees(header):
            raise Missing("trees do not mind features that correlate (the check of the table names them)")
        profile = table.profile
        pairs = [p for p in profile.pairs if abs(p.correlation) >= self.min_correlation]
        pairs = [p for p in pairs if abs(p.correlation) < SAME_ORDER]
        if not pairs:
            return
        groups = correlated_groups([(p.first, p.second) for p in pairs])
        names = [name for group in groups for name in group]
        listing = "; ".join(listed(g, 4) for g in groups[:3]) + (f"; and {len(groups) - 3} more" * (len(groups) > 3))
        strongest = pairs[0]
        yield self.finding(
            f"{len(names)} features correlate by {figure(self.min_correlation)} or more, in "
            f"{len(groups)} {'group' if len(groups) == 1 else 'groups'}: {listing} "
            f"(most of all {strongest.first} and {strongest.second}: {strongest.correlation:.3f})",
            **concerned(names),
            groups=[g[:MOST] for g in groups[:MOST]],
            n_groups=len(groups),
            pairs=[[p.first, p.second, p.correlation] for p in pairs[:MOST]],
            n_pairs=max(
                len(pairs),
                *(n for at, n in zip(LEVELS, profile.pair_counts, strict=False) if at >= self.min_correlation),
                0,
            ),
        )
