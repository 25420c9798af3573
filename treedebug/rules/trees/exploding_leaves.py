"""TR205 exploding-leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure, round_to
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, setting, slower
from treedebug.rules.trees._log_steps import LOG_LINK, first_step, said_of_first
from treedebug.signals.trees.leaf_updates import Updates

_LOG_ODDS = ("binary", "multi", "cross_entropy", "xentropy")


@dataclass(frozen=True, kw_only=True)
class ExplodingLeaves(Rule):
    """Leaf values grow out of proportion.

    ## What it does
    Boosting corrects less and less, so leaf values should shrink. Fires when the largest leaf values of the last tenth
    of the trees are `min_growth` times those of the first tenth, or when a single step of a classifier (a leaf value
    before the learning rate) goes `max_step` log-odds or more, or one of counts and other amounts with a log link
    `max_log_step`, or when a leaf value is not finite. With a log link also when the first tree alone changes a
    prediction by a factor of e**`max_first`.
    ## Why is this bad
    The steps overshoot: each tree repairs the damage of the one before, predictions become extreme and, in the end,
    infinite. The learning rate is too high, or leaves with next to no hessian are not penalised.
    ## When to ignore it
    You raise the learning rate on purpose, and validation still improves.
    """

    code = "TR205"
    name = "exploding-leaves"
    explains: ClassVar[tuple[str, ...]] = (
        "CV101", "CV102", "CV104", "CV105", "CV107", "CV110", "CV111", "CL403", "CL404", "CL406", "FT302",
        "FT303", "FT305", "TR201", "TR203", "TR204", "TR206", "TR210",
    )  # fmt: skip

    max_first: float = param(5.0, "logarithm of what the first tree changes with a log link", ge=1.0, le=1e6)
    min_growth: float = param(5.0, "late leaf values, as a multiple of the early ones", ge=1.0, le=1e6)
    max_log_step: float = param(10.0, "logarithm of one step with a log link; 10 is a factor of 22,000", ge=1.0, le=1e6)
    max_step: float = param(60.0, "log-odds of one step of a classifier", ge=1.0, le=1e6)

    def check(self, updates: Updates, header: Header) -> Iterator[Finding]:
        """Compare the largest leaf values with the first ones, and with what a step can mean."""
        largest = updates.max_leaf
        rate = setting(header, "learning_rate") or (0.3 if header.library == "xgboost" else 0.1)
        first = first_step(updates, header)
        if first >= self.max_first:
            said, tries = said_of_first(first, header)
            yield self.finding(said, rounds=(0, 0), subject="first tree", try_next=tries, largest_step=first)
        at = int(largest.argmax())  # the first NaN, if there is one
        step, growth = float(largest[at]) / rate, updates.growth(largest)
        is_log_odds = header.n_classes > 0 and header.objective.startswith(_LOG_ODDS)
        log_link = header.objective.startswith(LOG_LINK)
        most = self.max_step if is_log_odds else self.max_log_step if log_link else np.inf
        broken = not np.isfinite(step)
        if not (broken or growth >= self.min_growth or step >= most):
            return
        yield self.finding(
            "a leaf value is not finite"
            if broken
            else f"the largest leaf values of the last rounds are {figure(growth)} times those of the first; one step "
            f"goes {figure(step)}{' log-odds' if is_log_odds else ''}",
            rounds=(at // updates.per_round + header.start_round + 1, updates.n_rounds - 1),
            try_next=_tamer(header, rate),
            growth=growth,
            largest_step=step,
            largest_leaf=float(largest[at]),
        )


def _tamer(header: Header, rate: float) -> tuple[Change, ...]:
    changes: list[Change] = []
    if rate > 0.3:  # the larger of the two libraries' defaults
        changes += slower(header, 0.1)
    penalty, weight = setting(header, "reg_lambda"), setting(header, "min_child_weight")
    if penalty is None or penalty < 1:
        changes.append(change(header, "reg_lambda", 1, "shrinks leaves with little hessian"))
    if weight is None or weight < 1:
        changes.append(change(header, "min_child_weight", 1, "no leaf without hessian"))
    return tuple(changes) or slower(header, float(round_to(rate / 3)))
