"""CL406 overconfident-predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import calmer, reweighted
from treedebug.signals.classes.calibration import Confidence


@dataclass(frozen=True, kw_only=True)
class OverconfidentPredictions(Rule):
    """Probabilities are far more extreme than the hit rate.

    ## What it does
    A model that calls a share e of the rows wrongly cannot, if its probabilities are honest, have a log loss over
    H(e) + e log(k - 1), H being the entropy of a coin and k the number of classes. Fires when the validation log loss
    is over that by `min_excess` of it and by `min_sigmas` standard deviations, while the log loss on the training
    data is under it: the model is surer of itself than its hit rate allows. Silent where weights shift the odds.
    ## Why is this bad
    A probability of 99 % that is right four times in five misleads whoever decides by it, and the log loss is worse
    than the number of mistakes explains.
    ## When to ignore it
    Only the order of the predictions, or the class called, matters to you.
    """

    code = "CL406"
    name = "overconfident-predictions"

    min_excess: float = param(0.1, "log loss over the honest bound, as a share of the bound", ge=0.0, le=100.0)
    min_sigmas: float = param(1.5, "standard deviations of chance", ge=0.0, le=1000.0)
    min_rounds: int = param(20, "rounds before a training is judged", ge=1, le=100_000)

    def check(self, seen: Confidence, header: Header) -> Iterator[Finding]:
        """Compare the log loss with the most that honest probabilities could cost."""
        if seen.round_index + 1 - header.start_round < self.min_rounds or reweighted(header):
            return
        excess = seen.loss - seen.honest
        if excess < self.min_excess * seen.honest or excess < self.min_sigmas * seen.noise:
            return
        if seen.train_loss >= seen.honest:
            return
        yield self.finding(
            f"{seen.metric} on {seen.dataset} is {figure(seen.loss)}; with {percent(seen.mistakes)} of the rows called "
            f"wrongly, honest probabilities would cost {figure(seen.honest)} at most: they are too extreme",
            rounds=(seen.round_index, seen.round_index),
            subject=seen.dataset,
            try_next=calmer(header),
            loss=seen.loss,
            honest=seen.honest,
            train_loss=seen.train_loss,
            mistakes=seen.mistakes,
            sigmas=excess / max(seen.noise, 1e-12),
        )
