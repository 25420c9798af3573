"""DA618 bad-weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from treedebug.core.data.table_profile import WeightProfile
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import rows
from treedebug.signals.data.checked_tables import SampleWeights


@dataclass(frozen=True, kw_only=True)
class BadWeights(Rule):
    """Sample weights are negative, missing, zero or extreme.

    ## What it does
    Errors: weights that are missing, infinite or negative, and weights that are all zero. Warnings: a share of
    `max_zero` or more of the weights is zero; one weight is `max_ratio` times the mean or more, or the weights leave a
    share of less than `min_effective` of the rows in effect (Kish's (sum w)**2 / sum w**2). Weights of `max_values`
    different values or fewer are class weights, and may be as uneven as the classes are.
    ## Why is this bad
    XGBoost refuses weights below zero; a missing one makes every sum missing. A row that weighs as much as a thousand
    others decides every split that it takes part in.
    ## When to ignore it
    The weights are the rows' true exposure, or correct for how they were drawn.
    """

    code = "DA618"
    name = "bad-weights"

    max_zero: float = param(0.05, "share of the rows with weight zero", ge=0.0, le=1.0)
    max_ratio: float = param(1000.0, "largest weight over the mean weight", ge=1.0, le=1e12)
    min_effective: float = param(0.05, "share of the rows in effect", ge=0.0, le=1.0)
    max_values: int = param(30, "different weights that may be class weights", ge=1, le=1_000_000)

    def check(self, weights: SampleWeights) -> Iterator[Finding]:
        """Go through what can be wrong, set by set."""
        for name, weight in weights.by_name.items():
            yield from self._broken(name, weight)
            if weight.n_rows and weight.n_zero >= max(self.max_zero * weight.n_rows, 1) and weight.total > 0:
                yield self.finding(
                    f"{rows(weight.n_zero)} of {name} ({percent(weight.n_zero / weight.n_rows)}) weigh nothing",
                    subject=f"zero in {name}",
                    try_next=(Change("drop_rows", "weight 0", "they cost time and teach nothing"),),
                    columns=[weight.name],
                    n_zero=weight.n_zero,
                )
            yield from self._extreme(name, weight)

    def _broken(self, name: str, weight: WeightProfile) -> Iterator[Finding]:
        kinds = {"missing": weight.n_missing, "infinite": weight.n_infinite, "negative": weight.n_negative}
        found = {kind: n for kind, n in kinds.items() if n}
        if weight.n_rows and not found and weight.n_zero == weight.n_rows:
            found = {"zero, all of them": weight.n_zero}
        if found:
            counted: dict[str, Any] = {f"n_{kind.split(',')[0]}": n for kind, n in found.items()}
            words = ", ".join(f"{n} {kind}" for kind, n in found.items())
            yield self.finding(
                f"weights of {name} that no booster can use: {words}",
                subject=f"broken in {name}",
                severity=Severity.ERROR,
                try_next=(Change("weight", 1.0, "for these rows, or leave them out"),),
                columns=[weight.name],
                minimum=weight.minimum,
                **counted,
            )

    def _extreme(self, name: str, weight: WeightProfile) -> Iterator[Finding]:
        if not weight.mean > 0 or weight.n_distinct <= self.max_values:
            return
        ratio, effective = weight.maximum / weight.mean, weight.effective_rows / weight.n_rows
        if ratio >= self.max_ratio or effective < self.min_effective:
            yield self.finding(
                f"the largest weight of {name} is {figure(ratio)} times the mean: {weight.n_rows} rows count no "
                f"more than {figure(weight.effective_rows)} equal ones",
                subject=f"extreme in {name}",
                try_next=(Change("clip", [0.0, 10.0 * weight.median], "no row over ten times the usual one"),),
                columns=[weight.name],
                ratio=ratio,
                effective_rows=weight.effective_rows,
                top_share=weight.top_share,
                maximum=weight.maximum,
                median=weight.median,
            )
