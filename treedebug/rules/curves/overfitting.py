"""CV101 overfitting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.core.run import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, figure, percent, reweighted, simpler, slower
from treedebug.signals.curves import LossPair
from treedebug.signals.ending import Ending


@dataclass(frozen=True, kw_only=True)
class Overfitting(Rule):
    """Validation stalls or worsens while training goes on improving.

    ## What it does
    Fires when training goes on improving and validation does one of three things: it has given back `min_regret` of
    what it had gained, `patience` or more rounds after its best round and beyond its own noise; or it has stood
    still for half of the run, and `min_stall` rounds, while the training loss fell to `max_train_left` of what it
    was; or it has never beaten a constant prediction while the training loss is at `max_train_left` of one. A
    training loss below the validation loss is normal in boosting and is no reason to fire; nor are the rounds that
    early stopping waits.

    ## Why is this bad
    The model learns the noise of its training rows. It grows, costs more, and predicts worse.
    ## When to ignore it
    You keep only the trees up to the best round, or the validation set is so small that its curve means little.
    """

    code = "CV101"
    name = "overfitting"
    explains: ClassVar[tuple[str, ...]] = ("CV102", "CV111", "FT305")

    patience: int = param(10, "rounds since the best validation round", ge=1, le=100_000)
    min_regret: float = param(0.05, "share of the validation improvement given back", ge=0.0, le=10.0)
    max_train_left: float = param(
        0.5, "training loss that is left, as a share of what it was when validation stalled", ge=0.0, le=1.0
    )
    min_stall: int = param(50, "rounds that a stalled validation must last", ge=1, le=100_000)

    def check(self, pair: LossPair, ending: Ending, header: Header) -> Iterator[Finding]:
        """Compare both curves since the best validation round."""
        loss = pair.loss
        at, kind, how = (0, "", "") if ending.allows(loss.wait) else self._judged(pair, header)
        if not kind or pair.gained_since(at) <= 0:
            return
        began, wait = int(loss.rounds[at]), loss.last_round - int(loss.rounds[at])
        train = (loss.shown(float(pair.train[at])), loss.shown(float(pair.train[-1])))
        lost = f"; {percent(loss.regret)} of the improvement is lost" if kind == "worse" and loss.regret <= 1 else ""
        cut = change(header, "n_estimators", loss.best_round + 1, "stop at the best round")
        yield self.finding(
            f"{loss.metric} on {loss.dataset} {how}; in these {wait} rounds it went on from {figure(train[0])} to "
            f"{figure(train[1])} on the training data{lost}",
            rounds=(began, loss.last_round),
            try_next=(*simpler(header), *slower(header), *([cut] if loss.wait else [])),
            kind=kind,
            best_round=loss.best_round,
            wait=wait,
            best_value=loss.shown(float(loss.valid[loss.best])),
            last_value=loss.last_value,
            train_then=train[0],
            train_last=train[1],
            regret=min(loss.regret, 1e9),
            noise=loss.noise,
        )

    def _judged(self, pair: LossPair, header: Header) -> tuple[int, str, str]:
        """Since which position, in which way ("" for none), and in words."""
        loss = pair.loss
        lost = loss.regret >= self.min_regret and loss.rise > 2.0 * loss.drift(loss.wait)
        best, last = figure(loss.shown(float(loss.valid[loss.best]))), figure(loss.last_value)
        if loss.wait >= self.patience and lost:
            return loss.best, "worse", f"was best in round {loss.best_round} and went from {best} to {last}"
        if loss.perfect is None:
            return 0, "", ""
        left, settled = float(pair.train[-1]) - loss.perfect, float(pair.train[loss.settled]) - loss.perfect
        idle = len(loss.valid) - loss.settled >= max(self.min_stall, len(loss.valid) // 2)
        if idle and left <= self.max_train_left * settled and settled - left > loss.drift(1):
            return loss.settled, "stalled", f"has stood still at {last} since round {int(loss.rounds[loss.settled])}"
        base = loss.baseline
        if base is None or len(loss.valid) < self.patience or reweighted(header):
            return 0, "", ""
        if left <= self.max_train_left * (base - loss.perfect) and loss.valid[loss.best] > base + 2.0 * loss.drift(1):
            return 0, "useless", f"is {last}, worse than the {figure(loss.shown(base))} of a constant prediction"
        return 0, "", ""
