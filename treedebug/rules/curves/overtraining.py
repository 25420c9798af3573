"""CV102 overtraining."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding, Severity
from treedebug.core.params.user_spelling import spelled
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import cut, guard, loosened, ran_on
from treedebug.rules.curves._idle_rounds import best_value_of, told
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.training_end import Ending


@dataclass(frozen=True, kw_only=True)
class Overtraining(Rule):
    """Training goes on long after the best validation round.

    ## What it does
    Fires when the best validation round is `patience` or more rounds ago and validation has since given back
    `min_regret` of what it had gained, beyond its own noise. If validation only stands still, it says so (info)
    once `idle_share` of the run, and at least `min_idle` rounds, have brought nothing. Where validation has removed
    less than `min_learned` of a constant prediction's loss, it waits for `slow_patience` rounds (four
    fifths of them once training is over): trees may find late what they need. Rounds that early stopping is meant to
    wait count only when they are more than twice as many as the useful ones. Where nothing stopped a training that went
    on for as long again as it was useful, these rounds are what the other findings come from.
    ## Why is this bad
    Rounds after the best one cost time and size, and fit noise in the training rows.
    ## When to ignore it
    You cut the booster to its best round anyway (LightGBM's early stopping does).
    """

    code = "CV102"
    name = "overtraining"
    explains: ClassVar[tuple[str, ...]] = (
        "CV101",
        "CV111",
        "CL404",
        "CL406",
        "FT303",
        "FT305",
        "TR203",
        "TR204",
        "TR206",
    )

    patience: int = param(20, "rounds since the best validation round", ge=1, le=100_000)
    slow_patience: int = param(100, "the same where next to nothing is learned yet", ge=1, le=100_000)
    min_learned: float = param(0.2, "share of a constant's loss that validation has removed by then", ge=0.0, le=1.0)
    min_regret: float = param(0.02, "share of the validation improvement given back", ge=0.0, le=10.0)
    min_idle: int = param(100, "rounds without a new best that count as idle", ge=1, le=1_000_000)
    idle_share: float = param(0.5, "share of all rounds that is idle", ge=0.0, le=1.0)

    def check(self, loss: EvalLoss, ending: Ending, header: Header) -> Iterator[Finding]:
        """Count the rounds since the best one, and what they cost."""
        wait, useful = loss.wait, loss.best_round + 1 - header.start_round
        planned = ending.allows(wait)
        if wait < self._patience(loss, ending) or (planned and wait <= max(2 * useful, self.min_idle)):
            return
        far = ran_on(loss, ending, header)
        worse = loss.regret >= self.min_regret and loss.rise > 2.0 * loss.drift(wait)
        if not worse and (wait < self.min_idle or wait < self.idle_share * (useful + wait)):
            return
        yield self.finding(
            told(loss, worse=worse),
            severity=Severity.WARNING if worse and not planned else Severity.INFO,
            rounds=(loss.best_round + 1, loss.last_round),
            explains=tuple(c for c in self.explains if c != "TR206" or not loosened(header)) if far else (),
            try_next=(
                *(guard(header, loss, group="stop") if ending.patience is None else ()),
                cut(header, loss.best_round + 1),
            ),
            best_round=loss.best_round,
            wasted_rounds=wait,
            best_value=best_value_of(loss),
            last_value=loss.last_value,
            regret=min(loss.regret, 1e9),
            noise=loss.noise,
            rounds_parameter=spelled(header, "n_estimators"),
        )

    def _patience(self, loss: EvalLoss, ending: Ending) -> int:
        """Longer while next to nothing is learned; a training of the usual 100 rounds is judged at its end."""
        learned = loss.learned
        if learned is None or learned >= self.min_learned:
            return self.patience
        return max(int(0.8 * self.slow_patience), self.patience) if ending.final else self.slow_patience
