"""NN918 unrelated-labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.rules._advice import OUTCOMES
from nn_bridge.signals.loss_fit import LossFit
from nn_bridge.signals.sampled_steps import LabelMix
from treedebug.core.findings import Change, Finding
from treedebug.core.run.run_data import RunView
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short

_WORDS = {
    "nothing": "never got below that of a guess, nor did the training loss: nothing in the inputs tells the labels, or "
    "nothing of the inputs arrives",
    "chance": "never got below that of a guess: training and validation do not have the same labels for the "
    "same inputs",
    "noise": "stays far below it: the training labels are much noisier than those of validation, or "
    "training is made harder by dropout or augmentation",
    "rise": "has risen since its best round while training went on: labels that are noise, or too few rows, are "
    "learned by heart",
}
_LOOK = Change("labels", "look at twenty rows", "inputs and labels side by side, as the loss gets them")
_DECAY = Change("weight_decay", 0.01, "or more rows, or a smaller net, if the labels are right")


@dataclass(frozen=True, kw_only=True)
class UnrelatedLabels(Rule):
    """The labels look unrelated to the inputs: not learned, or learned by heart.

    ## What it does
    Compares the cross-entropy on training and validation data in units of a guess, ln(number of classes). Fires when
    the training loss fell by `min_learned`, to below `chance`, but validation never came there; when validation rose
    by `min_rise` since its best round, and lost `min_lost` of what it had gained, and has not come back, while training
    fell by `min_since`; when the training loss stays `min_excess` above the validation loss in the last rounds; and
    when neither is below `chance` at the end. Silent where the training labels are nearly all of one class: there a
    guess costs less.
    ## Why is this bad
    Labels that belong to other rows, or were drawn at random, can be learned by heart by any net that is large
    enough; nothing of it holds for new rows. Likely causes, in this order: labels and inputs are shuffled apart, labels
    are noise, there are too few rows for this net.
    ## When to ignore it
    The task is known to be close to chance (markets, for one); or training is made harder on purpose (mixup, strong
    augmentation, heavy dropout), which keeps its loss above that of validation.
    """

    code = "NN918"
    name = "unrelated-labels"
    explains: ClassVar[tuple[str, ...]] = OUTCOMES

    min_learned: float = param(0.1, "fall of the training loss, in guesses", ge=0.0, le=10.0)
    chance: float = param(0.97, "validation loss at its best, in guesses", ge=0.0, le=10.0)
    min_excess: float = param(0.1, "training loss over validation loss, in guesses", ge=0.0, le=10.0)
    min_rise: float = param(0.04, "rise of the validation loss, in guesses", ge=0.0, le=10.0)
    min_lost: float = param(0.11, "the same, as a share of what validation had gained on a guess", ge=0.0, le=10.0)
    min_since: float = param(0.04, "fall of the training loss since validation was best, in guesses", ge=0.0, le=10.0)
    min_mix: float = param(0.6, "entropy of the training labels over ln(classes)", ge=0.0, le=1.0)
    min_rounds: int = param(6, "rounds before a training is judged", ge=3, le=100_000)

    def check(self, fit: LossFit, view: RunView, mix: LabelMix | None) -> Iterator[Finding]:
        """Report the surest sign."""
        one_sided = mix is not None and mix.whole < self.min_mix * fit.guess
        kind = "" if one_sided or len(fit.rounds) < self.min_rounds else self._kind(fit, final=view.final)
        if not kind:
            return
        began, train, valid = (float(v * fit.guess) for v in (fit.train[0], fit.train[-1], fit.valid[-1]))
        yield self.finding(
            f"the loss on the training data came from {short(began)} to {short(train)}, that on {fit.dataset} "
            f"({short(valid)}; a guess costs {short(fit.guess)}) {_WORDS[kind]}",
            rounds=(int(fit.rounds[fit.best]), int(fit.rounds[-1])),
            try_next=(_LOOK, _DECAY) if kind in ("chance", "rise") else (_LOOK,),
            kind=kind,
            train_loss=train,
            valid_loss=valid,
            best_valid_loss=float(fit.valid[fit.best] * fit.guess),
            guess=fit.guess,
        )

    def _kind(self, fit: LossFit, *, final: bool) -> str:
        if fit.valid[fit.best] >= self.chance:
            if fit.train[-1] < self.chance and fit.train[0] - fit.train[-1] >= self.min_learned:
                return "chance"
            return "nothing" if final and fit.train[-1] >= self.chance else ""
        if fit.rise >= self.min_rise and fit.lost >= self.min_lost and fit.learned_since >= self.min_since:
            return "rise"
        return "noise" if min(fit.train[-3:] - fit.valid[-3:]) >= self.min_excess else ""
