"""The deciding validation metric of a run, in its own units."""

from __future__ import annotations

from treedebug.core.report import Score
from treedebug.core.run.run_data import RunData
from treedebug.engine.resolve import Missing, Resolver
from treedebug.signals.curves.eval_curves import EvalLoss


def score_of(run: RunData) -> Score | None:
    """Return the score, or None where the run has no validation metric whose direction is known."""
    try:
        loss: EvalLoss = Resolver(run.at(run.n_rounds)).get(EvalLoss)
    except Missing:
        return None
    sign = -1.0 if loss.higher_is_better else 1.0
    return Score(
        dataset=loss.dataset,
        metric=loss.metric,
        higher_is_better=loss.higher_is_better,
        best=sign * float(loss.valid[loss.best]),
        best_round=int(loss.rounds[loss.best]),
        last=sign * float(loss.valid[-1]),
    )
