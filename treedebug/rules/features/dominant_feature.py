"""FT302 dominant-feature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import SUSPICION, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import ask_if_known
from treedebug.signals.features.importance_share import FeatureShares


@dataclass(frozen=True, kw_only=True)
class DominantFeature(Rule):
    """One feature carries nearly all the gain.

    ## What it does
    Fires when one feature holds `max_share` of the total gain of all rounds, among `min_features` or more: a
    warning from `warn_share` on, where nothing else matters to the model, info below.
    ## Why is this bad
    Such a feature is often the label in disguise: something known only afterwards. And where it is honest, the
    model stands and falls with one column.
    ## When to ignore it
    You know the feature, it is known at prediction time, and it really decides.
    """

    code = "FT302"
    name = "dominant-feature"
    basis = SUSPICION

    max_share: float = param(0.8, "share of the total gain that is worth knowing (info)", ge=0.0, le=1.0)
    warn_share: float = param(0.95, "share of the total gain that is suspicious (warning)", ge=0.0, le=1.0)
    min_features: int = param(4, "features there must be", ge=2, le=1_000_000)
    min_rounds: int = param(10, "rounds before the shares mean anything", ge=1, le=100_000)

    def check(self, shares: FeatureShares) -> Iterator[Finding]:
        """Compare the strongest feature with all others."""
        if shares.n_rounds < self.min_rounds or shares.n_features < self.min_features:
            return
        top = shares.top(3)
        name, share = next(iter(top.items()))
        if share < self.max_share:
            return
        yield self.finding(
            f"{name} holds {percent(share)} of the gain of all {shares.n_features} features: is it known when you "
            "predict, or is it the label in disguise?",
            subject=name,
            severity=Severity.WARNING if share >= self.warn_share else Severity.INFO,
            try_next=(ask_if_known(name),),
            share=share,
            top=top,
            n_features=shares.n_features,
        )
