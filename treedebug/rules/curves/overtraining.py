"""CV102 overtraining."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, spelled
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.training_end import Ending


@dataclass(frozen=True, kw_only=True)
class Overtraining(Rule):
    """Training goes on long after the best validation round.

    ## What it does
    Fires when the best validation round is `patience` or more rounds ago and validation has since given back
    `min_regret` of what it had gained, beyond its own noise. If validation only stands still, it says so (info)
    once `idle_share` of the run, and at least `min_idle` rounds, have brought nothing. Rounds that early stopping
    is meant to wait count only when they are more than twice as many as the useful ones.
    ## Why is this bad
    Rounds after the best one cost time and size, and fit noise in the training rows.
    ## When to ignore it
    You cut the booster to its best round anyway (LightGBM's early stopping does).
    """

    code = "CV102"
    name = "overtraining"

    patience: int = param(20, "rounds since the best validation round", ge=1, le=100_000)
    min_regret: float = param(0.02, "share of the validation improvement given back", ge=0.0, le=10.0)
    min_idle: int = param(100, "rounds without a new best that count as idle", ge=1, le=1_000_000)
    idle_share: float = param(0.5, "share of all rounds that is idle", ge=0.0, le=1.0)

    def check(self, loss: EvalLoss, ending: Ending, header: Header) -> Iterator[Finding]:
        """Count the rounds since the best one, and what they cost."""
        wait, useful = loss.wait, loss.best_round + 1 - header.start_round
        planned = ending.allows(wait)
        if wait < self.patience or (planned and wait <= max(2 * useful, self.min_idle)):
            return
        worse = loss.regret >= self.min_regret and loss.rise > 2.0 * loss.drift(wait)
        if not worse and (wait < self.min_idle or wait < self.idle_share * (useful + wait)):
            return
        seconds = loss.seconds_after(wait)
        last = loss.last_value
        yield self.finding(
            f"{loss.metric} on {loss.dataset} was best in round {loss.best_round} "
            f"({figure(loss.shown(float(loss.valid[loss.best])))}); the {wait} rounds since"
            + (f", {seconds:.1f} s," if seconds and seconds >= 0.1 else "")
            + (f" made it worse ({figure(last)})" if worse else " brought nothing")
            + (f" and lost {percent(loss.regret)} of the improvement" if worse and loss.regret <= 1 else ""),
            severity=Severity.WARNING if worse and not planned else Severity.INFO,
            rounds=(loss.best_round + 1, loss.last_round),
            try_next=(
                change(header, "n_estimators", loss.best_round + 1, "stop at the best round"),
                change(header, "early_stopping_rounds", max(10, min(50, useful // 5)), "let the library find it")
                if ending.patience is None or planned
                else change(header, "early_stopping_rounds", ending.patience, f"on {loss.dataset} and {loss.metric}"),
            ),
            best_round=loss.best_round,
            wasted_rounds=wait,
            wasted_seconds=seconds,
            best_value=loss.shown(float(loss.valid[loss.best])),
            last_value=last,
            regret=min(loss.regret, 1e9),
            noise=loss.noise,
            rounds_parameter=spelled(header, "n_estimators"),
        )
