"""DA619 duplicate-columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.table_profile import Pair
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import listed
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, SAME_ORDER, concerned, drop, these
from treedebug.rules.data._model_kinds import trains_trees
from treedebug.signals.data.checked_tables import correlated_groups
from treedebug.signals.data.copied_features import Copies


@dataclass(frozen=True, kw_only=True)
class DuplicateColumns(Rule):
    """Columns are copies of each other.

    ## What it does
    Fires for groups of columns that are equal in every row, or in `min_equal` of the rows in which the most frequent
    value does not stand; for those that order the rows alike (one is the other in another unit) or name the same
    categories otherwise; and for names that stand there twice. Constant columns are DA604. Flags of two values that are
    equal or opposite, as one-hot encodings have them, are only worth knowing, and not where trees are trained.
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

    def check(self, copies: Copies, header: Header) -> Iterator[Finding]:
        """Look at equal columns, then at nearly equal ones, then at other names; each pair once."""
        names = list(copies.doubled_names)
        if names:
            yield self.finding(
                these(names, "stands in the table more than once", "stand in the table more than once"),
                subject="names",
                severity=Severity.ERROR,
                try_next=(
                    Change("rename", [f"{n} (2)" for n in names[:MOST]], "tell them apart, or keep one of each"),
                ),
                **concerned(names),
            )
        close = [p for p in copies.correlated if self._is_copy(copies, p)]
        seen: set[frozenset[str]] = set()
        for how, links in (
            ("are equal in every row", copies.equal),
            ("are nearly equal, or order the rows alike", tuple((p.first, p.second) for p in close)),
            ("hold the same categories under other names", copies.recoded),
        ):
            fresh = [link for link in links if frozenset(link) not in seen]
            seen.update(map(frozenset, fresh))
            flags = [link for link in fresh if max(copies.n_distinct[n] for n in link) <= 2]
            others = [link for link in fresh if link not in flags]
            for kind, some, severity in (("columns", others, Severity.WARNING), ("flags", flags, Severity.INFO)):
                if some and not (severity is Severity.INFO and trains_trees(header)):
                    yield self._finding(f"{kind} that {how}", correlated_groups(some), severity)

    def _is_copy(self, copies: Copies, pair: Pair) -> bool:
        return abs(pair.correlation) >= SAME_ORDER or copies.agreement(pair) >= self.min_equal

    def _finding(self, kind: str, groups: list[list[str]], severity: Severity) -> Finding:
        surplus = [name for group in groups for name in group[1:]]
        listing = "; ".join(" = ".join(g[:4]) + (f" and {len(g) - 4} more" * (len(g) > 4)) for g in groups[:5])
        more = f"; and {len(groups) - 5} more groups" * (len(groups) > 5)
        return self.finding(
            f"{kind}: {listing}{more}",
            subject=kind,
            severity=severity,
            try_next=drop(surplus, f"copies of {listed([g[0] for g in groups], 3)}"),
            **concerned([name for group in groups for name in group]),
            groups=[g[:MOST] for g in groups[:MOST]],
            n_groups=len(groups),
        )
