"""FT306 suspected-leak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import figure, percent
from treedebug.signals.curves import EvalLoss
from treedebug.signals.features import FeatureShares


@dataclass(frozen=True, kw_only=True)
class SuspectedLeak(Rule):
    """One feature alone gives nearly perfect predictions, as the label in disguise would.

    ## What it does
    Takes the share of the gain that the strongest feature holds, times the share of the validation loss that is gone:
    what this feature alone explains. Fires when that is `min_explained` or more, among `min_features` features or more.
    ## Why is this bad
    A column that gives the answer away (made from the label, or known only afterwards) makes the score worthless: it
    will not be there, or not be right, when you predict.
    ## When to ignore it
    You know the feature, it is known at prediction time, and it really decides.
    """

    code = "FT306"
    name = "suspected-leak"
    preview = True
    explains: ClassVar[tuple[str, ...]] = ("FT301", "FT302", "FT304", "FT305", "CV109", "TR203", "TR210")

    min_explained: float = param(0.65, "share of the loss that one feature explains", ge=0.0, le=1.0)
    min_features: int = param(3, "features there must be", ge=2, le=1_000_000)
    min_rounds: int = param(10, "rounds before the shares mean anything", ge=1, le=100_000)

    def check(self, shares: FeatureShares, loss: EvalLoss) -> Iterator[Finding]:
        """Multiply the share of the gain with the share of the loss that is gone."""
        perfect, start = loss.perfect, loss.start
        if shares.n_rounds < self.min_rounds or shares.n_features < self.min_features:
            return
        if perfect is None or start <= perfect:
            return
        name, share = next(iter(shares.top(1).items()))
        gone = loss.gained / (start - perfect)
        if share * gone < self.min_explained:
            return
        yield self.finding(
            f"{name} holds {percent(share)} of the gain of {shares.n_features} features, and {loss.metric} on "
            f"{loss.dataset} reached {figure(loss.shown(float(loss.valid[loss.best])))} ({percent(gone)} of the loss "
            "gone): "
            f"is {name} known when you predict, or is it made from the label?",
            subject=name,
            explained=share * gone,
            gain_share=share,
            loss_gone=gone,
            top=shares.top(3),
        )
