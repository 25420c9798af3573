"""DA614 mixed-types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.profile import TEXT, ColumnProfile
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import percent
from treedebug.rules.columns import MOST, concerned, told, values
from treedebug.signals.data import Splits, Tables


@dataclass(frozen=True, kw_only=True)
class MixedTypes(Rule):
    """Numbers and texts in one column, or one category in several spellings.

    ## What it does
    Fires for columns of texts of which `min_share` or more read as numbers while others do not (info for less than
    half, and for texts that are all numbers); for texts that differ only by case, white space or dashes (info where
    more than `max_values` different texts make it free text); and for columns that are of one kind in the training data
    and of another in another set.
    ## Why is this bad
    A number among words is a category of its own, and the column's order is lost. "Yes" and "yes " share what they
    should teach together. A column that changes its kind cannot be used by the model at all.
    ## When to ignore it
    The texts are codes (postcodes, part numbers), and the spellings mean different things.
    """

    code = "DA614"
    name = "mixed-types"
    explains = ("DA615", "DA616")

    min_share: float = param(0.02, "share of the texts that read as numbers", ge=0.0, le=1.0)
    max_values: int = param(1000, "different texts of a column of categories", ge=2, le=1_000_000_000)

    def check(self, tables: Tables, splits: Splits | None) -> Iterator[Finding]:
        """Look at numbers among texts, then at spellings, then at kinds."""
        seen: set[str] = set()
        for name, profile in tables.by_name.items():
            fresh = [c for c in profile.columns if c.name not in seen and c.kind == TEXT]
            for found in (self._numbers(name, fresh), self._spellings(name, fresh)):
                seen.update(*(f.evidence["columns"] for f in found))
                yield from found
        for split in splits or ():
            kinds = split.between.changed_kinds
            if kinds:
                phrases = [f"{column} ({a} in the training data, {b} in {split.name})" for column, a, b in kinds]
                yield self.finding(
                    f"of another kind is {told(phrases)}"
                    if len(kinds) == 1
                    else f"of another kind are {told(phrases)}",
                    subject=f"kinds in {split.name}",
                    **concerned([k[0] for k in kinds]),
                )

    def _numbers(self, name: str, columns: list[ColumnProfile]) -> list[Finding]:
        shares = [(c, c.n_numeric_texts / max(c.n_present - c.n_empty, 1)) for c in columns]
        groups = (
            ("numbers and words", Severity.WARNING, [x for x in shares if 0.5 <= x[1] < 1.0]),  # noqa: PLR2004
            ("numbers among words", Severity.INFO, [x for x in shares if self.min_share <= x[1] < 0.5]),  # noqa: PLR2004
            ("numbers stored as text", Severity.INFO, [x for x in shares if x[1] == 1.0]),
        )
        return [
            self.finding(
                f"{subject} in {told([f'{c.name} ({percent(s)} numbers)' for c, s in found])}",
                subject=f"{subject} in {name}",
                severity=severity,
                try_next=(Change("to_numeric", [c.name for c, _ in found][:MOST], "words become NaN"),)
                if severity is Severity.WARNING
                else (),
                **concerned([c.name for c, _ in found]),
                shares={c.name: s for c, s in found[:MOST]},
            )
            for subject, severity, found in groups
            if found
        ]

    def _spellings(self, name: str, columns: list[ColumnProfile]) -> list[Finding]:
        spelt = [c for c in columns if c.n_variants]
        groups = (
            ("spellings", Severity.WARNING, [c for c in spelt if c.n_distinct <= self.max_values]),
            ("spellings of free text", Severity.INFO, [c for c in spelt if c.n_distinct > self.max_values]),
        )
        return [
            self.finding(
                f"one value in several {subject}: {told([_spelling(c) for c in found], most=3)}",
                subject=f"{subject} in {name}",
                severity=severity,
                try_next=(Change("normalize", [c.name for c in found][:MOST], "strip white space, one case"),),
                **concerned([c.name for c in found]),
                n_variants={c.name: c.n_variants for c in found[:MOST]},
                values={c.name: [[v.value, v.count] for g in c.variants[:5] for v in g.values] for c in found[:MOST]},
            )
            for subject, severity, found in groups
            if found
        ]


def _spelling(column: ColumnProfile) -> str:
    """Say "plan ('basic', 'Basic')"."""
    return (
        f"{column.name} ({values([v.value for v in column.variants[0].values], 3)})" if column.variants else column.name
    )
