"""DA613 non-finite-values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.engine.rule import Rule, param
from treedebug.rules.columns import MOST, concerned, rows, told
from treedebug.signals.data import Tables

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
        """Count them, set by set."""
        for name, profile in tables.by_name.items():
            found = [(c.name, c.n_infinite, c.n_beyond_float32) for c in profile.columns]
            found = [f for f in found if f[1] + f[2] >= self.min_count]
            if not found:
                continue
            large = any(f[2] for f in found)
            kind = "infinite values" + (" or values beyond float32" if large else "")
            phrases = [f"{column} ({rows(a + b)})" for column, a, b in found]
            yield self.finding(
                f"{kind} in {name}: {told(phrases)}",
                subject=name,
                try_next=(Change("replace", {"inf": "NaN", "-inf": "NaN"}, "boosters take NaN as missing"),)
                + ((Change("clip", [-_FLOAT32_MAX, _FLOAT32_MAX], "the range of float32"),) if large else ()),
                **concerned([f[0] for f in found]),
                n_infinite={f[0]: f[1] for f in found[:MOST]},
                n_beyond_float32={f[0]: f[2] for f in found[:MOST]},
            )
