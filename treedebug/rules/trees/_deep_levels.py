"""What TR201 says of the deep levels, and what it proposes."""

from __future__ import annotations

from treedebug.core.changes import Change, experiment
from treedebug.core.findings import Severity
from treedebug.core.phrases import percent
from treedebug.core.run.run_data import Header
from treedebug.rules.advice import calmer, change, harm, setting, thicker, unbounded
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.training_end import Ending


def calm(header: Header, loss: EvalLoss | None, ending: Ending) -> tuple[Change, ...]:
    """What helps where validation suffers; else the bound on the leaves that was loosened."""
    suffers = harm(loss, ending) is Severity.WARNING
    return thicker(header, group="thicker") if unbounded(header) and not suffers else calmer(header, loss)


def idle_levels(depth: int, splits: float, gain: float) -> str:
    return f"splits below depth {depth} are {percent(splits)} of all splits but bring {percent(gain)} of the gain"


def shallower(header: Header, depth: int, calm: tuple[Change, ...]) -> tuple[Change, ...]:
    """What helps against overfitting; a lower depth makes the model smaller, and no better."""
    changes = [change(header, "max_depth", depth)]
    leaves = setting(header, "num_leaves")
    if header.library == "lightgbm" and (leaves is None or leaves > 2**depth):
        changes.append(change(header, "num_leaves", min(2**depth, int(leaves or 31))))
    smaller = " and ".join(map(str, changes))
    return (*calm, experiment(f"{smaller} makes the model smaller: see what it costs on the validation data"))
