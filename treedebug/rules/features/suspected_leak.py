"""FT306 suspected-leak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import SUSPICION, Finding
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import ask_if_known
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.features.dominance import Dominance


@dataclass(frozen=True, kw_only=True)
class SuspectedLeak(Rule):
    """One feature explains far more than all others, as the label in disguise would.

    ## What it does
    Takes the share of the gain that the strongest feature holds, times the share of the validation loss that is gone:
    what this feature alone explains. Fires when that is `min_explained` or more, among `min_features` features or more,
    and the feature has `min_lead` times the gain of the second: and either most of all gain (`min_share`) and `sure` of
    the loss, or `far_lead` times the gain of the second, so that no other feature comes near.
    ## Why is this bad
    A column that gives the answer away (made from the label, or known only afterwards) makes the score worthless: it
    will not be there, or not be right, when you predict.
    ## When to ignore it
    You know the feature, it is known at prediction time, and it really decides: yesterday's value in a series, say.
    """

    code = "FT306"
    name = "suspected-leak"
    basis = SUSPICION
    explains: ClassVar[tuple[str, ...]] = (
        "FT301", "FT302", "FT303", "FT304", "FT305", "CV109", "CV110", "TR203", "TR204", "TR207", "TR210",
    )  # fmt: skip

    min_explained: float = param(0.25, "share of the loss that one feature explains", ge=0.0, le=1.0)
    min_lead: float = param(3.0, "gain of that feature, as a multiple of the second's", ge=1.0, le=1e6)
    min_share: float = param(0.6, "share of the gain", ge=0.0, le=1.0)
    sure: float = param(0.65, "share of the loss explained, where no lead is needed", ge=0.0, le=1.0)
    far_lead: float = param(8.0, "gain as a multiple of the second's, where it explains less", ge=1.0, le=1e6)
    min_features: int = param(4, "features there must be", ge=2, le=1_000_000)
    min_travel: float = param(1.0, "rounds times learning rate before they do", ge=0.0, le=1e6)
    min_rounds: int = param(10, "rounds before the shares mean anything", ge=1, le=100_000)

    def check(self, top: Dominance, loss: EvalLoss) -> Iterator[Finding]:
        """Multiply the share of the gain with the share of the loss that is gone."""
        if top.n_rounds < self.min_rounds or top.travel < self.min_travel:
            return
        if top.n_features < self.min_features or top.gone is None:
            return
        if top.explained < self.min_explained or top.lead < self.min_lead:
            return
        nearly_all = top.share >= self.min_share and top.explained >= self.sure
        if not nearly_all and top.lead < self.far_lead:
            return
        yield self.finding(
            f"{top.feature} holds {percent(top.share)} of the gain, {figure(top.lead)} times that of the next of "
            f"{top.n_features} features, and {loss.metric} on {loss.dataset} reached "
            f"{figure(loss.shown(float(loss.valid[loss.best])))} ({percent(top.gone)} of the loss gone): is "
            f"{top.feature} known when you predict, or is it made from the label?",
            subject=top.feature,
            try_next=(ask_if_known(top.feature),),
            explained=top.explained,
            gain_share=top.share,
            lead=top.lead,
            loss_gone=top.gone,
        )
