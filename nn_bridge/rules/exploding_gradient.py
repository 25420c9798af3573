"""NN903 exploding-gradient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import OUTCOMES, rate_change
from nn_bridge.signals.layer_gradients import GradientFlow, UnzeroedGradients
from treedebug.core.findings import Change, Finding, Severity
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class ExplodingGradient(Rule):
    """Gradients grow out of bound, or pile up because nothing sets them to zero.

    ## What it does
    Fires (error) when in `steps` sampled steps the gradients were added to those of the step before: `zero_grad()` is
    missing. Fires when the norm of the whole gradient was `max_growth` times that of the first steps, or over
    `max_norm`, in `steps` sampled steps or more; names the layer that has most of it.
    ## Why is this bad
    One such step throws away what was learned; several end in NaN. Gradients that pile up point where the loss once
    was, not where it is.
    ## When to ignore it
    Gradients are carried over on purpose, without a step in between being skipped.
    """

    code = "NN903"
    name = "exploding-gradient"
    explains: ClassVar[tuple[str, ...]] = (
        "NN904",
        "NN905",
        "NN906",
        "NN908",
        "NN909",
        "NN910",
        "NN911",
        "NN912",
        *OUTCOMES,
    )

    max_growth: float = param(1000.0, "norm of the gradient over that of the first steps", ge=1.0, le=1e12)
    max_norm: float = param(1e4, "norm of the gradient", ge=0.0, le=1e30)
    steps: int = param(3, "sampled steps", ge=1, le=100_000)

    def check(self, flow: GradientFlow, facts: NetFacts, unzeroed: UnzeroedGradients | None) -> Iterator[Finding]:
        """Judge gradients that pile up first: they cause the rest."""
        if unzeroed is not None and (unzeroed.added[-self.steps :] > 0).sum() >= self.steps:
            yield self._never_zeroed(unzeroed, float(flow.total[-1]))
            return
        usual = float(np.nanmedian(flow.total[:3])) if np.isfinite(flow.total[:3]).any() else np.nan
        with np.errstate(all="ignore"):
            bad = np.isfinite(flow.total) & ((flow.total > self.max_growth * usual) | (flow.total > self.max_norm))
        if bad.sum() < self.steps:
            return
        at, worst = int(bad.argmax()), int(np.where(bad, flow.total, -1.0).argmax())
        top = int(np.nan_to_num(flow.norms[worst], nan=-1.0).argmax())
        yield self.finding(
            f"the norm of the gradient was {short(usual)} in the first steps and reached "
            f"{short(float(flow.total[worst]))} in step {int(flow.steps[worst])}, most of it in "
            f"{flow.layers[top]} (since step {int(flow.steps[at])})",
            rounds=(int(flow.rounds[at]), int(flow.rounds[-1])),
            try_next=(Change("clip_grad_norm_", 1.0, "before the step"), *rate_change(facts, 0.1, "smaller steps")),
            cause="growth",
            layer=flow.layers[top],
            first_step=int(flow.steps[at]),
            norm=float(flow.total[worst]),
            first_norm=usual,
        )

    def _never_zeroed(self, unzeroed: UnzeroedGradients, norm: float) -> Finding:
        at = int((unzeroed.added > 0).argmax())
        return self.finding(
            f"gradients are never set to zero: since step {int(unzeroed.steps[at])} each step adds to the "
            "gradients of the one before",
            severity=Severity.ERROR,
            rounds=(int(unzeroed.rounds[at]), int(unzeroed.rounds[-1])),
            try_next=(Change("optimizer.zero_grad()", "before backward()", "in every step"),),
            cause="zero_grad",
            first_step=int(unzeroed.steps[at]),
            norm=norm,
        )
