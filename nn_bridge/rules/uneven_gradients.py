"""NN912 uneven-gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.signals.layer_gradients import GradientFlow
from nn_bridge.signals.unit_activity import bad_since
from treedebug.core.findings import Change, Finding, Severity
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short

_SCALING = ("Adam", "AdamW", "NAdam", "RAdam", "Adamax", "RMSprop", "Adagrad", "Adadelta", "Rprop", "SparseAdam")


@dataclass(frozen=True, kw_only=True)
class UnevenGradients(Rule):
    """The scale of the gradients differs by orders of magnitude between layers.

    ## What it does
    Compares the norm of the gradient of all weight matrices. Fires (info) when the largest was `max_ratio` times the
    smallest that is not zero in each of the last `steps` sampled steps. Silent where every optimiser scales the steps
    of each parameter by itself (Adam and its relatives).
    ## Why is this bad
    One learning rate cannot fit all of them: with plain SGD some layers race while others stand.
    ## When to ignore it
    The layer of small gradients is an embedding.
    """

    code = "NN912"
    name = "uneven-gradients"
    severity: ClassVar[Severity] = Severity.INFO

    max_ratio: float = param(1000.0, "largest over smallest norm of the gradient of a matrix", ge=1.0, le=1e30)
    steps: int = param(5, "sampled steps in a row", ge=1, le=100_000)

    def check(self, flow: GradientFlow, facts: NetFacts) -> Iterator[Finding]:
        """Compare the extremes of each step."""
        if facts.optimizers and all(o.type in _SCALING for o in facts.optimizers):
            return
        size = np.where(np.isfinite(flow.norms) & (flow.norms > 0), flow.norms, np.nan)
        high, low = (np.asarray(f.reduce(size, axis=1, initial=np.nan)) for f in (np.fmax, np.fmin))
        began = int(bad_since((high > self.max_ratio * low)[:, None], self.steps)[0])
        if began < 0:
            return
        top, bottom = int(np.nanargmax(size[-1])), int(np.nanargmin(size[-1]))
        ratio = float(high[-1] / low[-1])
        yield self.finding(
            f"the gradient of {flow.layers[top]} is {short(ratio)} times that of {flow.layers[bottom]}, since step "
            f"{int(flow.steps[began])}",
            rounds=(int(flow.rounds[began]), int(flow.rounds[-1])),
            try_next=(Change("optimizer", "Adam", "scales the steps of each parameter by itself"),),
            layer=flow.layers[top],
            smallest=flow.layers[bottom],
            ratio=ratio,
            first_step=int(flow.steps[began]),
        )
