"""Early stopping whose patience is short beside the learning rate: it ends a training that has hardly begun."""

from __future__ import annotations

import math

from treedebug.core.findings import Change
from treedebug.core.params.user_spelling import spelled
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.rules.advice import setting
from treedebug.rules.params._weak_deciders import Weak
from treedebug.signals.curves.metric_facts import is_coarse
from treedebug.signals.params.deciding_curves import DecidingCurves

_HARDLY, _SHORT = 0.5, 0.25
"""Learning rate times rounds: up to the best round, and of the patience."""


def of_patience(curves: DecidingCurves, header: Header) -> Weak | None:
    """Return the patience, where the rounds it waited for move the model by a few steps only."""
    rate, one = setting(header, "learning_rate"), curves.decider
    many = (setting(header, "num_parallel_tree") or 1) > 1 or header.booster in ("rf", "random_forest", "gblinear")
    if rate is None or not rate > 0 or many:
        return None
    useful = curves.best_round + 1 - header.start_round
    if header.start_round or useful * rate >= _HARDLY or curves.patience * rate >= _SHORT:
        return None
    why = "; it counts hits, and stands still for many small steps" if is_coarse(one.metric) else ""
    message = (
        f"early stopping ended the training {useful} useful rounds after its start: {one.metric} on {one.dataset} had "
        f"not improved for {curves.patience} rounds, but at a learning rate of {figure(rate)} these move the model by "
        f"{percent(1.0 - math.exp(-rate * curves.patience))} of its way, and {percent(1.0 - math.exp(-rate * useful))} "
        f"of it was gone{why}"
    )
    longer = Change(spelled(header, "early_stopping_rounds"), max(math.ceil(1.0 / rate), 20), "some steps' worth")
    return Weak(kind="short patience", subject="early_stopping_rounds", message=message, dataset=one.dataset,
                rounds=(curves.best_round, int(one.rounds[-1])), changes=(longer,))  # fmt: skip
