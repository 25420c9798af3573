"""DA613 non-finite-values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, concerned, rows, told
from treedebug.signals.data.checked_tables import Tables

_FLOAT32_MAX = 3.4028235e38


@dataclass(frozen=True, kw_only=True)
class NonFiniteValues(Rule):
    """A feature holds infinities, or numbers too large for float32.

    ## What it does
    Counts, in every set, the infinite values of each feature, and the finite ones that become infinite as float32, the
    type both libraries train in. Fires from `min_count` on.
    ## Why is this bad
    XGBoost refuses such a table. LightGBM puts all of them into the last bin, next to honest large values; means,
    scalings and nets turn to NaN.
    ## When to ignore it
    You replace them on the way to the booster.
    """

    code = "DA613"
    name = "non-finite-values"
    severity = Severity.ERROR

    min_count: int = param(1, "such values in a column", ge=1, le=1_000_000_000)

    def check(self, tables: Tables) -> Iterator[Finding]:
        """Count them, column by column and set by set."""
        found: dict[str, dict[str, tuple[int, int]]] = {}
        for name, profile in tables.by_name.items():
            for c in profile.columns:
                if c.n_infinite + c.n_beyond_float32 >= self.min_count:
                    found.setdefault(c.name, {})[name] = (c.n_infinite, c.n_beyond_float32)
        if not found:
            return
        large = any(n[1] for sets in found.values() for n in sets.values())
        places = {c: ", ".join(f"{rows(sum(n))} of {name}" for name, n in sets.items()) for c, sets in found.items()}
        what = "infinite values" + " or values beyond float32" * large
        yield self.finding(
            f"{what} in {told([f'{c} ({p})' for c, p in places.items()])}",
            try_next=(
                Change("replace", {"inf": "NaN", "-inf": "NaN"}, "boosters take NaN as missing"),
                *((Change("clip", [-_FLOAT32_MAX, _FLOAT32_MAX], "the range of float32"),) if large else ()),
            ),
            **concerned(list(found)),
            n_infinite={c: sum(n[0] for n in sets.values()) for c, sets in list(found.items())[:MOST]},
            n_beyond_float32={c: sum(n[1] for n in sets.values()) for c, sets in list(found.items())[:MOST]},
        )
