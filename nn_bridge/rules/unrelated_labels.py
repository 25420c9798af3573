"""NN918 unrelated-labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import LEARNING
from nn_bridge.rules._label_words import DECAY, LOOK, WORDS
from nn_bridge.signals.evaluation_checks import StatisticsLag
from nn_bridge.signals.loss_and_accuracy import LossAndAccuracy
from nn_bridge.signals.loss_fit import LossFit, is_harder
from nn_bridge.signals.sampled_steps import LabelMix
from treedebug.core.findings import Finding
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short

_MOST_LAG, _SAME, _BETTER = 0.2, 0.02, 1.3


@dataclass(frozen=True, kw_only=True)
class UnrelatedLabels(Rule):
    """The labels look unrelated to the inputs: not learned, or learned by heart.

    ## What it does
    Compares the cross-entropy on training and validation data in units of a guess, ln(number of classes). Fires when
    the training loss fell by `min_learned`, to below `chance`, but validation never came there; when validation rose
    by `min_rise` since its best round, and lost `min_lost` of what it had gained, and has not come back, while training
    fell by `min_since` and accuracy, if logged, fell too; and when a plain training loss, without dropout, stays
    `min_excess` above the validation loss in the last rounds. Silent where the training labels are nearly all of one
    class, where evaluation has under `min_valid` rows, and where statistics of batch norm lag.
    ## Why is this bad
    Labels of other rows, or of none, can be learned by heart by a large net; nothing of it holds for new rows.
    ## When to ignore it
    The task is close to chance, or strong augmentation makes training harder on purpose.
    """

    code = "NN918"
    name = "unrelated-labels"
    explains: ClassVar[tuple[str, ...]] = LEARNING

    min_learned: float = param(0.1, "fall of the training loss, in guesses", ge=0.0, le=10.0)
    chance: float = param(0.97, "validation loss at its best, in guesses", ge=0.0, le=10.0)
    min_excess: float = param(0.1, "training loss over validation loss, in guesses", ge=0.0, le=10.0)
    min_rise: float = param(0.04, "rise of the validation loss, in guesses", ge=0.0, le=10.0)
    min_lost: float = param(0.11, "the same, as a share of what validation had gained on a guess", ge=0.0, le=10.0)
    min_since: float = param(0.04, "fall of the training loss since validation was best, in guesses", ge=0.0, le=10.0)
    min_mix: float = param(0.6, "entropy of the training labels over ln(classes)", ge=0.0, le=1.0)
    min_valid: int = param(50, "rows of an evaluation", ge=1, le=1_000_000)
    min_rounds: int = param(6, "rounds before a training is judged", ge=3, le=100_000)

    def check(
        self,
        fit: LossFit,
        facts: NetFacts,
        mix: LabelMix | None,
        lag: StatisticsLag | None,
        both: LossAndAccuracy | None,
    ) -> Iterator[Finding]:
        """Report the surest sign."""
        one_sided = mix is not None and mix.whole < self.min_mix * fit.guess
        lags = lag is not None and lag.left > _MOST_LAG
        if one_sided or lags or fit.n_valid < self.min_valid or len(fit.rounds) < self.min_rounds:
            return
        kind = self._kind(fit, is_harder=is_harder(facts), is_as_accurate=both is not None and both.fall <= _SAME)
        tells = both is not None and both.accuracy_now >= _BETTER / facts.loss.n_classes
        if not kind or (kind == "chance" and tells):
            return
        began, train, valid = (float(v * fit.guess) for v in (fit.train[0], fit.train[-1], fit.valid[-1]))
        yield self.finding(
            f"the loss on the training data came from {short(began)} to {short(train)}, that on {fit.dataset} "
            f"({short(valid)}; a guess costs {short(fit.guess)}) {WORDS[kind]}",
            rounds=(int(fit.rounds[fit.best]), int(fit.rounds[-1])),
            try_next=(LOOK, DECAY) if kind == "rise" else (LOOK,),
            kind=kind,
            train_loss=train,
            valid_loss=valid,
            best_valid_loss=float(fit.valid[fit.best] * fit.guess),
            guess=fit.guess,
        )

    def _kind(self, fit: LossFit, *, is_harder: bool, is_as_accurate: bool) -> str:
        if fit.valid[fit.best] >= self.chance:
            has_learned = fit.train[-1] < self.chance and fit.train[0] - fit.train[-1] >= self.min_learned
            return "chance" if has_learned else ""
        if fit.rise >= self.min_rise and fit.lost >= self.min_lost and fit.learned_since >= self.min_since:
            return "" if is_as_accurate else "rise"
        return "noise" if not is_harder and min(fit.train[-3:] - fit.valid[-3:]) >= self.min_excess else ""
