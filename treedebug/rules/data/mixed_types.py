"""DA614 mixed-types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_profile import TEXT
from treedebug.core.findings import Change, Finding
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, concerned, told
from treedebug.rules.data._mixed_kinds import of_numbers, of_readings, of_spellings
from treedebug.signals.data.checked_tables import Splits, Tables


@dataclass(frozen=True, kw_only=True)
class MixedTypes(Rule):
    """Numbers and texts in one column, or one category in several spellings.

    ## What it does
    Fires for columns of texts of which `min_share` or more read as numbers while others do not (info for less than
    half, and for texts that are all numbers); for amounts written as text ("71,090.00 EUR", "12 %", "3,5") and, as
    info, dates, with how to read them (codes with zeros in front stay texts); for texts that differ only by case, white
    space or dashes (info where more than `max_values` different texts make it free text); and for columns that are of
    one kind in the training data and of another in another set.
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
            found = (
                *of_numbers(fresh, self.min_share), *of_readings(fresh), *of_spellings(fresh, self.max_values)
            )  # fmt: skip
            for mixture in found:
                seen.update(mixture.columns)
                parameter, why = mixture.change
                yield self.finding(
                    f"{mixture.kind} in {told(mixture.phrases)}",
                    subject=f"{mixture.kind} in {name}",
                    severity=mixture.severity,
                    try_next=(Change(parameter, mixture.columns[:MOST], why),) if parameter else (),
                    **concerned(mixture.columns),
                    **mixture.numbers,
                )
        for split in splits or ():
            kinds = split.between.changed_kinds
            if kinds:
                phrases = [f"{column} ({a} in the training data, {b} in {split.name})" for column, a, b in kinds]
                yield self.finding(
                    f"of another kind: {told(phrases)}",
                    subject=f"kinds in {split.name}",
                    **concerned([k[0] for k in kinds]),
                )
