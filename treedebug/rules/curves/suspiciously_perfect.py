"""CV109 suspiciously-perfect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from treedebug.core.data.data_sets import DataSets
from treedebug.core.findings import SUSPICION, Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import ask_if_known, setting
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.metric_facts import power
from treedebug.signals.features.importance_share import FeatureShares


@dataclass(frozen=True, kw_only=True)
class SuspiciouslyPerfect(Rule):
    """Validation is near perfect almost at once.

    ## What it does
    Fires when no more than `max_left` of the validation loss at the start is left by the time the rounds so far, times
    the learning rate, make `max_steps`: a loss cannot fall much faster than that. Root mean squared errors count by
    their squares, the share of the variance that is left. A warning where no trees tell which feature it rests on;
    else info, for some tasks are easy, and FT306 warns of a feature that stands alone. Silent where trees tell it and
    the tables were checked: DA606 and DA607 have looked at the rows and at the features.
    ## Why is this bad
    Few questions are that easy. More often the label, or something made from it, stands among the features, or
    validation rows stand in the training data; the model will then fail on new data.
    ## When to ignore it
    You know the task to be that easy, such as one that follows from a rule.
    """

    code = "CV109"
    name = "suspiciously-perfect"
    basis = SUSPICION

    max_left: float = param(0.05, "validation loss that is left, as a share of the loss at the start", ge=0.0, le=1.0)
    max_steps: float = param(5.0, "rounds times learning rate", ge=0.1, le=1000.0)

    def check(
        self, loss: EvalLoss, header: Header, shares: FeatureShares | None, sets: DataSets | None
    ) -> Iterator[Finding]:
        """Look how much of the loss is left after the first steps."""
        _needs_trees(header)
        perfect, start = loss.perfect, loss.start
        if perfect is None or start <= perfect or header.start_round > 0:
            return
        rate = setting(header, "learning_rate") or (0.3 if header.library == "xgboost" else 0.1)
        early = loss.valid[: max(int(self.max_steps / max(rate, 1e-3)), 3)]
        share = (np.maximum(early - perfect, 0.0) / (start - perfect)) ** power(loss.metric)
        done = (share <= self.max_left).nonzero()[0]
        if not len(done) or len(loss.valid) < 3:  # one round may be luck
            return
        at, top = int(done[0]), {} if shares is None else shares.top(1)
        if top and _is_checked(sets):
            return
        yield self.finding(
            f"{loss.metric} on {loss.dataset} was {figure(loss.shown(float(loss.valid[at])))} after "
            f"{int(loss.rounds[at]) + 1} rounds: {percent(float(share[at]))} of the {_what(loss)} left; "
            "look for the label among the features, or validation rows in the training data"
            + "".join(f" ({name} holds {percent(part)} of the gain)" for name, part in top.items()),
            severity=Severity.INFO if top else Severity.WARNING,
            rounds=(int(loss.rounds[0]), int(loss.rounds[at])),
            value=loss.shown(float(loss.valid[at])),
            after_rounds=int(loss.rounds[at]) + 1,
            try_next=tuple(ask_if_known(name) for name in top),
            left=float(share[at]),
            top=top,
        )


def _needs_trees(header: Header) -> None:
    if header.booster == "gblinear":
        raise Missing("judges trees: a linear booster may solve a table in one sweep over its features")
    if header.slow_rounds:
        raise Missing("judges rounds of boosting: there is no bound to what a network learns in an epoch")


def _is_checked(sets: DataSets | None) -> bool:
    """Return whether the rules on data have looked for a leak."""
    return sets is not None and bool(sets.others) and sets.train.label is not None


def _what(loss: EvalLoss) -> str:
    return "variance" if power(loss.metric) > 1.0 else "loss"
