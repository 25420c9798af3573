"""CV101 overfitting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import calmer, cut, ran_on, reweighted
from treedebug.signals.curves.eval_curves import LossPair
from treedebug.signals.curves.gain_transfer import Transfer
from treedebug.signals.curves.training_end import Ending


@dataclass(frozen=True, kw_only=True)
class Overfitting(Rule):
    """Validation stalls or worsens while training goes on improving.

    ## What it does
    Fires when training goes on improving and validation does one of three things: it has given back `min_regret` of
    what it had gained, `patience` or more rounds after its best round and beyond its own noise; or it has stood
    still for half of the run, and `min_stall` rounds, while the training loss fell to `max_train_left` of what it
    was; or its best round, `patience` rounds ago, had removed no more than `max_gain` of a constant prediction's loss
    and `max_carried` of what training has removed, on enough rows to tell. A training loss below the validation loss
    is normal in boosting and is no reason to fire; nor are the rounds that early stopping waits.
    ## Why is this bad
    The model learns the noise of its training rows. Where nothing carries over, the labels may belong to other rows.
    ## When to ignore it
    You keep only the trees up to the best round, or the validation set is so small that its curve means little.
    """

    code = "CV101"
    name = "overfitting"
    explains: ClassVar[tuple[str, ...]] = ("CV102", "CV111", "FT305", "CL402", "CL406", "FT303", "TR206")

    patience: int = param(10, "rounds since the best validation round", ge=1, le=100_000)
    min_regret: float = param(0.05, "share of the validation improvement given back", ge=0.0, le=10.0)
    max_train_left: float = param(0.5, "training loss left, of what it was when validation stalled", ge=0.0, le=1.0)
    min_stall: int = param(50, "rounds that a stalled validation must last", ge=1, le=100_000)
    max_gain: float = param(0.03, "validation loss removed at best, as a share of a constant's", ge=0.0, le=1.0)
    max_carried: float = param(0.1, "validation loss removed for each unit of training loss", ge=0.0, le=1.0)
    min_learned: float = param(0.15, "training loss removed, as a share of a constant's", ge=0.0, le=1.0)
    min_sigmas: float = param(1.5, "training loss removed, in standard errors of validation", ge=0.0, le=1000.0)

    def check(self, pair: LossPair, transfer: Transfer, ending: Ending, header: Header) -> Iterator[Finding]:
        """Compare both curves since the best validation round."""
        loss, (at, kind, how) = pair.loss, self._useless(pair, transfer, header)
        if not kind and not ending.allows(loss.wait):
            at, kind, how = self._judged(pair)
        if not kind or pair.gained_since(at) <= 0:
            return
        wait, lost = loss.last_round - int(loss.rounds[at]), min(loss.regret, 1e9)
        train = [loss.shown(float(pair.train[i])) for i in (at, -1)]
        stop = (cut(header, loss.best_round + 1),) if loss.wait else ()
        far = kind != "useless" and ran_on(loss, ending, header)  # then CV102 is the cause
        yield self.finding(
            f"{loss.metric} on {loss.dataset} {how}; on the training data it went on from {figure(train[0])} to "
            f"{figure(train[1])} meanwhile"
            + (f"; {percent(lost)} of the improvement is lost" if kind == "worse" and lost <= 1 else "")
            + ("; check that labels and rows still belong together" if kind == "useless" else ""),
            rounds=(int(loss.rounds[at]), loss.last_round),
            explains=tuple(c for c in self.explains[: None if kind == "useless" else 3] if c != "CV102" or not far),
            try_next=() if kind == "useless" else (*calmer(header, loss), *stop),
            kind=kind,
            best_round=loss.best_round,
            wait=wait,
            best_value=loss.shown(float(loss.valid[loss.best])), last_value=loss.last_value,
            train_then=train[0], train_last=train[1], regret=lost, noise=loss.noise,
        )  # fmt: skip

    def _judged(self, pair: LossPair) -> tuple[int, str, str]:
        """Since which position, in which way ("" for none), and in words."""
        loss = pair.loss
        lost = loss.regret >= self.min_regret and loss.rise > 2.0 * loss.drift(loss.wait)
        best, last = (figure(loss.shown(float(loss.valid[i]))) for i in (loss.best, -1))
        if loss.wait >= self.patience and lost:
            return loss.best, "worse", f"was best in round {loss.best_round} and went from {best} to {last}"
        if loss.perfect is None:
            return 0, "", ""
        left, settled = (float(pair.train[i]) - loss.perfect for i in (-1, loss.settled))
        idle = len(loss.valid) - loss.settled >= max(self.min_stall, len(loss.valid) // 2)
        if idle and left <= self.max_train_left * settled and settled - left > loss.drift(1):
            return loss.settled, "stalled", f"has stood still at {last} since round {int(loss.rounds[loss.settled])}"
        return 0, "", ""

    def _useless(self, pair: LossPair, transfer: Transfer, header: Header) -> tuple[int, str, str]:
        loss, gain, learned = pair.loss, transfer.valid_gain, transfer.train_gain
        hopeless = len(loss.valid) >= self.patience and gain < 0.0 and 1.0 - learned <= self.max_train_left
        if loss.baseline is None and header.slow_rounds:  # after its first epoch a net is far from a constant
            return 0, "", ""
        if reweighted(header) or learned < self.min_learned or not (loss.wait >= self.patience or hopeless):
            return 0, "", ""
        if gain > min(self.max_gain, self.max_carried * learned) or learned < self.min_sigmas * transfer.noise:
            return 0, "", ""
        best, than = loss.shown(float(loss.valid[loss.best])), loss.shown(loss.baseline or float(loss.valid[0]))
        return 0, "useless", f"never beat a constant prediction ({figure(than)}; best {figure(best)})"
