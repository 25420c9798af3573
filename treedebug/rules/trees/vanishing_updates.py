"""TR204 vanishing-updates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import Change, experiment
from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, faster, setting
from treedebug.signals.curves.eval_curves import AllCurves
from treedebug.signals.curves.metric_facts import constant_score, perfect_value
from treedebug.signals.trees.leaf_updates import Updates


@dataclass(frozen=True, kw_only=True)
class VanishingUpdates(Rule):
    """The trees hardly change the predictions while most of the loss is still there.

    ## What it does
    Looks at the leaf values. Fires when those of the last tenth of the trees are `max_shrunk` of what they were in the
    first tenth, or when all trees so far together can typically have moved a prediction by no more than `max_travel`
    (in log-odds; for numbers, in standard deviations of the label), while `min_left` of the training loss is left.
    ## Why is this bad
    The rounds cost as much as ever and teach nothing: a learning rate that has decayed to nothing, or a penalty on the
    leaves (`reg_lambda`, `max_delta_step`) far too strong.
    ## When to ignore it
    The loss that is left is noise that no model can explain.
    """

    code = "TR204"
    name = "vanishing-updates"
    explains: ClassVar[tuple[str, ...]] = ("CV103", "CV104", "CV106", "FT304", "TR207", "CL403", "CL405")

    max_shrunk: float = param(0.01, "late leaf values, as a share of the early ones", ge=0.0, le=1.0)
    max_travel: float = param(0.02, "sum of the mean leaf values, in log-odds or label deviations", ge=0.0, le=1.0)
    min_left: float = param(0.3, "training loss that is left, as a share of a constant prediction's", ge=0.0, le=1.0)
    min_rounds: int = param(40, "rounds before small steps mean anything", ge=20, le=100_000)

    def check(self, updates: Updates, every: AllCurves, header: Header) -> Iterator[Finding]:
        """Compare the leaf values with the first ones, and with what there is to learn."""
        if updates.n_rounds - header.start_round < self.min_rounds:
            return
        shrunk = updates.growth(updates.mean_leaf)
        unit = 1.0 if header.n_classes else updates.spread
        travelled = updates.travelled / unit if unit else None
        tiny = travelled is not None and travelled <= self.max_travel
        if not (shrunk <= self.max_shrunk or tiny):
            return
        left = _left(every, header)
        if left is None or left < self.min_left:
            return
        last = float(updates.mean_leaf[-1])
        how = (
            f"all {updates.n_rounds} rounds together moved the predictions by no more than {figure(travelled or 0.0)} "
            f"{'in log-odds' if header.n_classes else 'standard deviations of the label'}"
            if tiny
            else f"leaf values have shrunk to {percent(shrunk)} of what they were (now {figure(last)})"
        )
        yield self.finding(
            f"{how}, with {percent(left)} of the training loss left",
            rounds=(header.start_round, updates.n_rounds - 1),
            try_next=_larger(header, updates.n_rounds, tiny=tiny),
            shrunk=shrunk,
            travelled=travelled,
            left=left,
            last_mean_leaf=last,
        )


def _left(every: AllCurves, header: Header) -> float | None:
    """Loss that is left on the training data (else validation), as a share of a constant prediction's or the first."""
    curve = (every.training or every.validation)[-1]
    perfect = perfect_value(curve.metric)
    if perfect is None:
        return 1.0 if float(curve.values[-1]) == float(curve.values[0]) else None
    start, last = constant_score(header, curve.dataset, curve.metric), float(curve.values[-1])
    start = float(curve.values[0]) if start is None else start
    return abs(last - perfect) / abs(start - perfect) if start != perfect else None


def _larger(header: Header, n_rounds: int, *, tiny: bool) -> tuple[Change, ...]:
    penalty, step = setting(header, "reg_lambda"), setting(header, "max_delta_step")
    changes = []
    if penalty and penalty > 100:  # far above either library's default
        changes.append(change(header, "reg_lambda", 1, "the penalty holds the leaves at zero"))
    if step and tiny:
        changes.append(change(header, "max_delta_step", 0, "do not cap the steps"))
    return tuple(changes) or faster(header, n_rounds) or (experiment("train with a learning rate that does not decay"),)
