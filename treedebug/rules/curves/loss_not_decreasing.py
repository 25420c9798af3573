"""CV104 loss-not-decreasing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure
from treedebug.core.run.eval_log import EvalSeries
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, faster, setting
from treedebug.rules.curves._stuck_curves import arrived, of_linear, standstill
from treedebug.signals.curves.eval_curves import AllCurves
from treedebug.signals.curves.metric_facts import is_coarse, perfect_value
from treedebug.signals.curves.training_end import Ending


@dataclass(frozen=True, kw_only=True)
class LossNotDecreasing(Rule):
    """The training loss is flat while most of it is still there.

    ## What it does
    Fires when every metric on the training data (on the validation data if no other was watched) has moved by less
    than `min_change` of its first value over the last `window` rounds, and less than `max_progress` of it is gone:
    flat from the start, or stuck. No standstill is what comes after `max_moving` of the rounds, with `min_learned` of
    the loss gone: the training has arrived at what noise leaves; nor, of a metric without a best value, one after
    `min_learned` of its first value. A perfect or nearly perfect score is no reason to fire. Metrics that only count
    hits, such as `error`, are judged when training has ended.
    ## Why is this bad
    Nothing is learned; the rounds are spent for nothing.
    ## When to ignore it
    You know that the features hold nothing about the label.
    """

    code = "CV104"
    name = "loss-not-decreasing"
    explains: ClassVar[tuple[str, ...]] = ("CL403", "CL405", "CV101", "CV102")

    window: int = param(20, "rounds over which nothing moved", ge=2, le=100_000)
    min_change: float = param(0.0005, "change over the window, as a share of the first value", ge=0.0, le=1.0)
    max_progress: float = param(0.5, "share of the loss removed before it got stuck", ge=0.0, le=1.0)

    min_learned: float = param(
        0.1, "share of the loss removed, from which on a late standstill is the end", ge=0.0, le=1.0
    )
    max_moving: float = param(0.7, "share of the rounds until then, up to which it is none", ge=0.0, le=1.0)

    def check(self, every: AllCurves, ending: Ending, header: Header) -> Iterator[Finding]:
        """Look at the last window of all curves of the training data."""
        if ending.stopped_early:
            return
        curves = [c for c in every.training or every.validation if ending.final or not is_coarse(c.metric)]
        if not curves or not all(self._flat(c, trained=bool(every.training)) for c in curves):
            return
        curve = curves[-1]
        first, last = float(curve.values[0]), float(curve.values[-1])
        since = standstill(curve, self.min_change)
        if arrived(curve, since, self.min_learned, self.max_moving):
            return
        began = int(curve.rounds[since])
        yield self.finding(
            f"{curve.metric} on {curve.dataset} has not moved since round {began}: it began at {figure(first)} and "
            f"stands at {figure(last)} after {len(curve.values)} rounds" + of_linear(header),
            rounds=(began, int(curve.rounds[-1])),
            try_next=_loosen(header, len(curve.values)),
            first_value=first,
            last_value=last,
            flat_since=began,
        )

    def _flat(self, curve: EvalSeries, *, trained: bool) -> bool:
        values = curve.values
        if len(values) <= self.window or not np.isfinite(values).all():
            return False
        first, recent, perfect = float(values[0]), values[-self.window - 1 :], perfect_value(curve.metric)
        limit = self.min_change * abs(first) if trained else 1e-12 * abs(first)
        if float(recent.max() - recent.min()) > limit:
            return False
        if perfect is None:
            return float(values.max() - values.min()) <= self.min_learned * abs(first)
        return abs(float(values[-1]) - perfect) > (1.0 - self.max_progress) * abs(first - perfect)


def _loosen(header: Header, n_rounds: int) -> tuple[Change, ...]:
    rate, weight = setting(header, "learning_rate"), setting(header, "min_child_weight")
    changes: list[Change] = []
    if rate is not None and rate < 0.01:  # slower than any usual training
        changes += faster(header, n_rounds)
    if weight is not None and weight > 10:  # far over both libraries' defaults
        changes.append(change(header, "min_child_weight", 1, "allow splits again"))
    if setting(header, "gamma"):
        changes.append(change(header, "gamma", 0, "allow splits again"))
    if (setting(header, "min_child_samples") or 0) > 100:  # five times the default
        changes.append(change(header, "min_child_samples", 20, "allow splits again"))
    return tuple(changes)
