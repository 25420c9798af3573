"""CV101 overfitting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Finding
from treedebug.core.run import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, figure, percent, simpler, slower
from treedebug.signals.curves import LossPair
from treedebug.signals.ending import Ending


@dataclass(frozen=True, kw_only=True)
class Overfitting(Rule):
    """Validation stalls or worsens while training goes on improving.

    ## What it does
    Fires when, `patience` or more rounds after the best validation round, the training metric has improved further
    and either validation has given back `min_regret` of what it had gained, beyond its own noise, or validation has
    stood still for half of the run while the training loss fell to `max_train_left` of what it was at the best
    round. A training loss below the validation loss is normal in boosting and is no reason to fire; nor are the
    rounds that early stopping waits.
    ## Why is this bad
    The model learns the noise of its training rows. It grows, costs more, and predicts worse.
    ## When to ignore it
    You keep only the trees up to the best round, or the validation set is so small that its curve means little.
    """

    code = "CV101"
    name = "overfitting"

    patience: int = param(10, "rounds since the best validation round", ge=1, le=100_000)
    min_regret: float = param(0.05, "share of the validation improvement given back", ge=0.0, le=10.0)
    max_train_left: float = param(
        0.5, "training loss that is left, as a share of the one at the best round", ge=0.0, le=1.0
    )
    min_stall: int = param(50, "rounds that a stalled validation must last", ge=1, le=100_000)

    def check(self, pair: LossPair, ending: Ending, header: Header) -> Iterator[Finding]:
        """Compare both curves since the best validation round."""
        loss = pair.loss
        if ending.allows(loss.wait):
            return
        lost = loss.regret >= self.min_regret and loss.rise > 2.0 * loss.drift(loss.wait)
        worse = loss.wait >= self.patience and lost
        at = loss.best if worse else loss.settled
        if pair.gained_since(at) <= 0 or not (worse or self._stalled(pair, at)):
            return
        began, wait = int(loss.rounds[at]), loss.last_round - int(loss.rounds[at])
        train = (float(pair.train[at]), float(pair.train[-1]))
        best, last = float(loss.valid[loss.best]), float(loss.valid[loss.best] + loss.rise)
        how = (
            f"was best in round {began} and went from {figure(loss.shown(best))} to {figure(loss.shown(last))}"
            if worse
            else f"has stood still at {figure(loss.shown(last))} since round {began}"
        )
        yield self.finding(
            f"{loss.metric} on {loss.dataset} {how}; in these {wait} rounds it went on from "
            f"{figure(loss.shown(train[0]))} to {figure(loss.shown(train[1]))} on the training data"
            + (f"; {percent(loss.regret)} of the improvement is lost" if worse and loss.regret <= 1 else ""),
            rounds=(began, loss.last_round),
            try_next=(
                *simpler(header),
                *slower(header),
                change(header, "n_estimators", loss.best_round + 1, "stop at the best round"),
            ),
            best_round=loss.best_round,
            wait=wait,
            best_value=loss.shown(best),
            last_value=loss.shown(last),
            train_at_best=loss.shown(train[0]),
            train_last=loss.shown(train[1]),
            regret=min(loss.regret, 1e9),
            noise=loss.noise,
            stalled=not worse,
        )

    def _stalled(self, pair: LossPair, at: int) -> bool:
        loss = pair.loss
        if loss.perfect is None or len(loss.valid) - at < max(self.min_stall, len(loss.valid) // 2):
            return False
        left, before = float(pair.train[-1]) - loss.perfect, float(pair.train[at]) - loss.perfect
        return left <= self.max_train_left * before and before - left > loss.drift(1)
