"""DA619 duplicate-columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from treedebug.core.findings import Finding, Severity
from treedebug.core.profile import Pair
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import listed
from treedebug.rules.columns import MOST, SAME_ORDER, concerned, drop, is_constant, these
from treedebug.signals.data import TrainingTable, correlated_groups


@dataclass(frozen=True, kw_only=True)
class DuplicateColumns(Rule):
    """Columns are copies of each other.

    ## What it does
    Fires for groups of columns that are equal in every row, or in `min_equal` of the rows in which the most frequent
    value does not stand; for those that order the rows alike (one is the other in another unit) or name the same
    categories otherwise; and for names that stand there twice. Constant columns are DA604. Flags of two values that are
    equal or opposite, as one-hot encodings have them, are only worth knowing.
    ## Why is this bad
    Trees choose among copies by chance, importance is shared out between them, and each costs memory and time. A column
    that came twice often shows that a join went wrong.
    ## When to ignore it
    The copies will differ in the rows that the model is used on.
    """

    code = "DA619"
    name = "duplicate-columns"
    explains = ("DA603",)

    min_equal: float = param(0.95, "share of the rows in which two columns are equal", ge=0.5, le=1.0)

    def check(self, table: TrainingTable) -> Iterator[Finding]:
        """Look at equal columns, then at equal orders, then at names."""
        profile = table.profile
        if profile.doubled_names:
            names = list(profile.doubled_names)
            yield self.finding(
                these(names, "stands in the table more than once", "stand in the table more than once"),
                subject="names", severity=Severity.ERROR, try_next=drop(names, "all but one"), **concerned(names),
            )  # fmt: skip
        known = {c.name: c for c in profile.columns if not is_constant(c)}
        equal = [pair for group in profile.equal_columns for pair in _links([n for n in group if n in known])]
        usual = {c.name: c.top_values[0].count / c.n_rows if c.top_values else 0.0 for c in known.values()}
        alike = [(p.first, p.second) for p in profile.pairs if self._is_copy(p, usual)]
        alike += [pair for group in profile.recoded_columns for pair in _links([n for n in group if n in known])]
        pairs = [p for p in (*equal, *alike) if p[0] in known and p[1] in known]
        flags = [p for p in pairs if max(known[n].n_distinct for n in p) <= 2]  # noqa: PLR2004
        for kind, some, severity in (("columns", [p for p in pairs if p not in flags], Severity.WARNING),
                                     ("flags", flags, Severity.INFO)):  # fmt: skip
            if some:
                yield self._finding(kind, correlated_groups(some), severity, set(equal))

    def _is_copy(self, pair: Pair, usual: dict[str, float]) -> bool:
        """Alike in order, or equal beyond what the most frequent value, such as zero, makes equal anyway."""
        anyway = max(usual.get(pair.first, 1.0), usual.get(pair.second, 1.0))
        beyond = pair.equal_share - anyway >= self.min_equal * (1.0 - anyway) > 0.0
        return abs(pair.correlation) >= SAME_ORDER or beyond

    def _finding(self, kind: str, groups: list[list[str]], severity: Severity, equal: set[Any]) -> Finding:
        surplus = [name for group in groups for name in group[1:]]
        listing = "; ".join(" = ".join(g[:4]) + (f" and {len(g) - 4} more" * (len(g) > 4)) for g in groups[:5])  # noqa: PLR2004
        more = f"; and {len(groups) - 5} more groups" * (len(groups) > 5)  # noqa: PLR2004
        exact = all((a, b) in equal for g in groups for a, b in _links(g))
        how = "equal in every row" if exact else "the same in (nearly) every row, or in the order of the rows"
        return self.finding(
            f"{kind} that are {how}: {listing}{more}",
            subject=kind,
            severity=severity,
            try_next=drop(surplus, f"copies of {listed([g[0] for g in groups], 3)}"),
            **concerned([name for group in groups for name in group]),
            groups=[g[:MOST] for g in groups[:MOST]],
            n_groups=len(groups),
        )


def _links(names: list[str]) -> list[tuple[str, str]]:
    return [(names[0], other) for other in names[1:]]
