"""CV110 second-descent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import LOWER, Change, Effect
from treedebug.core.findings import Finding, Severity
from treedebug.core.params.user_spelling import spelled
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.signals.curves.described_header import Described
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.metric_facts import sampling_error
from treedebug.signals.curves.patience import kept_at, least_patience

_PATIENCES = (10, 20, 50)
_ROOM = 1.5


@dataclass(frozen=True, kw_only=True)
class SecondDescent(Rule):
    """Early stopping with a usual patience would have lost the better model.

    ## What it does
    Goes through the recorded validation curve as early stopping would, with a patience of 10, 20 and 50 rounds and with
    the run's own. Fires when one of them ends at a value that falls short of the best by `min_loss` of all the
    improvement, beyond the noise of the curve and of the number of rows, however small the rise in between. Says which
    patience finds the best round. Silent where the run's own patience is long enough to find it.
    ## Why is this bad
    It is not, for this run went on. But the next one may be stopped too early: trees sometimes find late what they
    need (two features that count only together), and a short patience gives up before.
    ## When to ignore it
    The rounds are dear, and the better model is not worth them.
    """

    code = "CV110"
    name = "second-descent"
    severity: ClassVar[Severity] = Severity.INFO

    min_loss: float = param(0.05, "improvement that a patience would lose, as a share of all of it", ge=0.0, le=1.0)

    def check(self, loss: EvalLoss, known: Described) -> Iterator[Finding]:
        """Stop at each patience, and compare what it keeps with the best."""
        header, needed = known.header, least_patience(loss.valid, loss.best)
        if (own := header.early_stopping_rounds or 0) >= needed:
            return
        tried = sorted({*_PATIENCES, own} - {0})
        stops = {p: kept_at(loss.valid[: loss.best + 1], p) for p in tried if p < needed}
        lost = {p: float(loss.valid[kept] - loss.valid[loss.best]) for p, (kept, _) in stops.items()}
        error = sampling_error(header, loss.dataset, loss.metric, loss.shown(float(loss.valid[loss.best])))
        bar = max(self.min_loss * loss.gained, 3.0 * loss.drift(1), 2.0 * error)
        short = [p for p, amount in lost.items() if amount > bar]
        if not short or loss.gained <= 0:
            return
        patience = short[-1]
        kept, stopped = stops[patience]
        name = spelled(header, "early_stopping_rounds")
        yield self.finding(
            f"{name}={patience} would have stopped in round {int(loss.rounds[stopped or kept])} with {loss.metric} "
            f"{figure(loss.shown(float(loss.valid[kept])))} on {loss.dataset}; the best, "
            f"{figure(loss.shown(float(loss.valid[loss.best])))}, came in round {loss.best_round}: "
            f"{percent(lost[patience] / loss.gained)} of the improvement lost; a patience of {needed} finds it",
            rounds=(int(loss.rounds[kept]), loss.best_round),
            try_next=(_longer(header, needed),),
            kept_round=int(loss.rounds[kept]),
            best_round=loss.best_round,
            too_short=patience,
            needed=needed,
            lost=lost[patience] / loss.gained,
            noise=loss.noise,
        )


def _longer(header: Header, needed: int) -> Change:
    """Return a patience with room to spare."""
    value = math.ceil(_ROOM * needed)
    return change(header, "early_stopping_rounds", value, "reaches the best round", effect=Effect(LOWER))
