"""NN942 idle-hidden-layers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.signals.kernel_course import KernelCourse
from nn_bridge.signals.sampled_steps import StepLoss
from treedebug.core.changes import experiment
from treedebug.core.findings import Finding, Severity
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class IdleHiddenLayers(Rule):
    """The hidden layers do not learn: the net does what a linear model on its random start would do.

    ## What it does
    Looks at the tangent kernel on rows that no step trains on (`TorchRecorder(..., kernel=(X, y))`). Fires, once the
    training loss has fallen to `max_left` of its first value, if the kernel has turned by at most `max_distance`, ridge
    regression on the kernel of the start explains `min_start` of what the outputs have learnt, and the net linearised
    at its start explains `min_linear` of the outputs. Silent about nets with batch normalisation, whose kernel moves
    with the running statistics, and about nets of which one layer alone is trained.
    ## Why is this bad
    It need not be: such nets can be as accurate as any. But if the net is no better than a linear model or a booster,
    this is why: a net that learns no features is a kernel method with a kernel drawn at random.
    ## When to ignore it
    The net is better than a linear model and a booster on the same rows, or was made to stay near its start.
    """

    code = "NN942"
    name = "idle-hidden-layers"
    severity: ClassVar[Severity] = Severity.INFO

    max_distance: float = param(0.02, "1 - cosine of the kernel and that of the start", ge=0.0, le=1.0)
    min_start: float = param(0.9, "R2 on the kernel of the start, of what the outputs changed", ge=0.0, le=1.0)
    min_linear: float = param(0.5, "R2 of the net linearised at its start", ge=-1.0, le=1.0)
    max_left: float = param(0.5, "training loss that is left", ge=0.0, le=1.0)

    def check(self, kernel: KernelCourse, loss: StepLoss, facts: NetFacts) -> Iterator[Finding]:
        """Judge the last measurement."""
        left = float(loss.left(kernel.steps[-1:])[0])
        distance, start, linear = (float(v[-1]) for v in (kernel.distance, kernel.start_r2, kernel.linear_r2))
        moved = distance > self.max_distance or not start >= self.min_start or not linear >= self.min_linear
        if moved or not left <= self.max_left or not _has_hidden_layers(facts):
            return
        ridge, gain = float(kernel.ridge_score[0]), kernel.gain
        told = f"; ridge regression on the kernel is right as often as at the start, {short(ridge)}, {gain:+.2g}"
        yield self.finding(
            f"the hidden layers do not learn: a linear model on the random start explains {short(start)} of what the "
            f"outputs have learnt, and the kernel has turned by {short(distance)}" + ("" if math.isnan(gain) else told),
            rounds=(int(kernel.rounds[0]), int(kernel.rounds[-1])),
            try_next=(
                experiment(
                    "train a linear model and a booster on the same rows: if they are as good, let the net learn "
                    "features by smaller outputs at the start, a larger rate for the hidden layers, or less width",
                    "nothing is wrong if the net is better",
                ),
            ),
            distance=distance,
            start_r2=start,
            linear_r2=linear,
            gain="" if math.isnan(gain) else gain,
        )


def _has_hidden_layers(facts: NetFacts) -> bool:
    """Return whether two matrices or more are trained, and no running statistics move the kernel."""
    trained = {p.module for p in facts.params if p.is_matrix and p.requires_grad and p.in_optimizer}
    return len(trained) > 1 and not any(layer.type.startswith("BatchNorm") for layer in facts.layers)
