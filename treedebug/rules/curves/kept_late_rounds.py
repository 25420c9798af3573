"""CV115 kept-late-rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.training_end import Ending

_HOW = (
    "Do you predict with iteration_range=(0, booster.best_iteration + 1)? If not, do, or stop with "
    "callbacks=[xgboost.callback.EarlyStopping(rounds={patience}, save_best=True)], or slice the booster: "
    "booster[: booster.best_iteration + 1]"
)


@dataclass(frozen=True, kw_only=True)
class KeptLateRounds(Rule):
    """Early stopping found the best round, and the booster predicts with the worse ones after it.

    ## What it does
    Looks at a training by `xgboost.train` that early stopping has ended, without `save_best`: the booster keeps the
    rounds of the patience, and its `predict` sums all of them unless told an `iteration_range` (the scikit-learn
    wrappers and LightGBM cut at the best round by themselves). Fires if the last round is worse than the best one by
    `min_regret` of what validation had gained, beyond its noise; info from `min_told` on.
    ## Why is this bad
    The score in the log is that of the best round, and the model in use is another.
    ## When to ignore it
    You hand `iteration_range` to every predict, or slice the booster.
    """

    code = "CV115"
    name = "kept-late-rounds"
    explains: ClassVar[tuple[str, ...]] = ("CL404", "CL406", "CV102", "CV105", "CV107")

    min_regret: float = param(
        0.15, "share of the validation gain that the late rounds lose, for a warning", ge=0.0, le=1e9
    )
    min_told: float = param(0.05, "the same, to tell of it at all", ge=0.0, le=1e9)

    def check(self, loss: EvalLoss, ending: Ending, header: Header) -> Iterator[Finding]:
        """Compare the last round with the best one."""
        stopping = header.extra.get("stopping") or {}
        if stopping.get("uses_best") is not False or not ending.stopped_early or header.booster == "gblinear":
            return
        late = loss.last_round - loss.best_round
        if late < 1 or loss.regret < self.min_told or loss.rise <= 2.0 * loss.drift(late):
            return
        best = loss.best_round - header.start_round
        yield self.finding(
            f"early stopping found round {best} the best, and the booster keeps the {late} rounds after it: "
            f"predict() sums all of them, and {loss.metric} on {loss.dataset} is {figure(loss.last_value)} with them "
            f"({figure(loss.shown(float(loss.valid[loss.best])))} at the best round)",
            severity=Severity.WARNING if loss.regret >= self.min_regret else Severity.INFO,
            rounds=(loss.best_round + 1, loss.last_round),
            try_next=(question(_HOW.format(patience=ending.patience or 50)),),
            best_round=loss.best_round,
            last_round=loss.last_round,
            regret=min(loss.regret, 1e9),
        )
