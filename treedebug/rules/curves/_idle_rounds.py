"""What CV102 says of the rounds after the best one."""

from __future__ import annotations

from treedebug.core.phrases import figure
from treedebug.signals.curves.eval_curves import EvalLoss


def told(loss: EvalLoss, *, worse: bool) -> str:
    best = f"{loss.metric} on {loss.dataset} was best in round {loss.best_round} ({figure(best_value_of(loss))})"
    last = f"the last {loss.wait} of {len(loss.valid)} rounds"
    if worse:
        return f"{best} and is {figure(loss.shown(float(loss.valid[-1])))} now: {last} only cost time"
    return f"{best}: {last} brought nothing"


def best_value_of(loss: EvalLoss) -> float:
    return loss.shown(float(loss.valid[loss.best]))
