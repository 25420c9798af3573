"""NN918 memorized-labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.signals.fit import Parting
from treedebug.core.findings import Change, Finding
from treedebug.engine.rule import Rule, param
from treedebug.reports.words import short

_WORDS = {
    "chance": "never got below that of a guess: training and validation do not have the same labels for the same inputs",
    "noise": "stays far below it: the training labels are much noisier than those of validation, or dropout is heavy",
    "rise": "has risen since its best round while training went on: labels that are noise, or too few rows, are learned "
    "by heart",
}


@dataclass(frozen=True, kw_only=True)
class MemorizedLabels(Rule):
    """The net learns its training labels by heart: they tell nothing of new rows.

    ## What it does
    Compares the cross-entropy on training and validation data in units of a guess, ln(number of classes). Fires when
    the training loss fell by `min_learned`, but validation never came below `chance`; when the training loss stays
    `min_excess` above the validation loss in the last rounds; or when validation rose by `min_rise` since its best
    round while training fell by `min_since`.
    ## Why is this bad
    Labels that belong to other rows, or were drawn at random, can be learned by heart by any net that is large
    enough; nothing of it holds for new rows. Likely causes, in this order: labels and inputs are shuffled apart, labels
    are noise, there are too few rows for this net.
    ## When to ignore it
    The task is known to be close to chance (markets, for one).
    """

    code = "NN918"
    name = "memorized-labels"
    explains: ClassVar[tuple[str, ...]] = ("CV101", "CV102", "CV103", "CV104", "CV107", "CV111", "CL402", "CL403", "CL404", "CL406")

    min_learned: float = param(0.1, "fall of the training loss, in guesses", ge=0.0, le=10.0)
    chance: float = param(0.97, "validation loss at its best, in guesses", ge=0.0, le=10.0)
    min_excess: float = param(0.15, "training loss over validation loss, in guesses", ge=0.0, le=10.0)
    min_rise: float = param(0.05, "rise of the validation loss, in guesses", ge=0.0, le=10.0)
    min_since: float = param(0.15, "fall of the training loss since validation was best, in guesses", ge=0.0, le=10.0)
    min_rounds: int = param(6, "rounds before a training is judged", ge=3, le=100_000)

    def check(self, fit: Parting) -> Iterator[Finding]:
        """The surest sign first."""
        learned = float(fit.train[0] - fit.train[-1])
        kind = ""
        if len(fit.rounds) < self.min_rounds:
            return
        if learned >= self.min_learned and fit.valid[fit.best] >= self.chance:
            kind = "chance"
        elif fit.rise >= self.min_rise and fit.learned_since >= self.min_since:
            kind = "rise"
        elif min(fit.train[-3:] - fit.valid[-3:]) >= self.min_excess:
            kind = "noise"
        if not kind:
            return
        yield self.finding(
            f"the loss on the training data came from {short(float(fit.train[0] * fit.guess))} to "
            f"{short(float(fit.train[-1] * fit.guess))}, that on {fit.dataset} ({short(float(fit.valid[-1] * fit.guess))}; "
            f"a guess costs {short(fit.guess)}) {_WORDS[kind]}",
            rounds=(int(fit.rounds[fit.best]), int(fit.rounds[-1])),
            try_next=(
                Change("labels", "look at twenty rows", "inputs and labels side by side, as the loss gets them"),
                Change("weight_decay", 0.01, "or more rows, or a smaller net, if the labels are right"),
            ),
            kind=kind,
            train_loss=float(fit.train[-1] * fit.guess),
            valid_loss=float(fit.valid[-1] * fit.guess),
            best_valid_loss=float(fit.valid[fit.best] * fit.guess),
            guess=fit.guess,
        )
