"""NN904 small-updates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import OUTCOMES, learning_rate, rate_change
from nn_bridge.rules._step_sizes import CLIPPED, LONG_STEPS, SLOWER, WHY, Changes, Run
from nn_bridge.signals.layer_gradients import GradientFlow
from nn_bridge.signals.sampled_steps import StepLoss
from nn_bridge.signals.weight_updates import UpdateRatios, longest_run
from treedebug.core.findings import Finding
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class SmallUpdates(Rule):
    """A step moves the weights far too little, or far too much.

    ## What it does
    Compares how far a step moves a weight matrix with the size of its weights (mean of the absolute values of both).
    Fires when even the matrix that moves most moved by less than `min_ratio`, or when one moved by more than
    `max_ratio`, in `steps` sampled steps in a row; for small ones three will do that are twenty times as many steps
    apart. Small ones are judged only while the loss is still to be lowered: a net that has learned everything gets
    small gradients. Where all gradients are clipped to one norm, ten times `min_ratio` counts as small. Large ones
    must exceed `sure_ratio` where the loss has fallen under `max_left`. L-BFGS and Rprop take long steps by design.
    ## Why is this bad
    Under a hundred-thousandth nothing is learned in the time there is; over a tenth, steps overwrite each other.
    ## When to ignore it
    A warm-up or a schedule is meant to make steps that small for a while.
    """

    code = "NN904"
    name = "small-updates"
    explains: ClassVar[tuple[str, ...]] = ("NN907", "NN908", "NN909", "NN910", "NN911", "NN912", *OUTCOMES)

    min_ratio: float = param(3e-5, "largest mean update over mean weight", ge=0.0, le=1.0)
    max_ratio: float = param(0.12, "largest mean update over mean weight", ge=0.0, le=1e6)
    min_left: float = param(0.3, "training loss that is left, to judge small steps", ge=0.0, le=1.0)
    sure_ratio: float = param(0.15, "the same, where the loss has fallen under `max_left`", ge=0.0, le=1e6)
    max_left: float = param(0.5, "training loss that is left, to judge large steps", ge=0.0, le=1.0)
    steps: int = param(5, "sampled steps in a row", ge=1, le=100_000)

    def check(
        self, updates: UpdateRatios, facts: NetFacts, loss: StepLoss | None, flow: GradientFlow | None
    ) -> Iterator[Finding]:
        """Judge large steps, then small ones while there is something to learn."""
        most = updates.largest
        left = np.ones(len(most)) if loss is None else loss.left(updates.steps)
        by_design = any(o.type in LONG_STEPS for o in facts.optimizers)
        has_learned = float(np.median(left[-3:])) < self.max_left
        most_allowed = self.sure_ratio if has_learned else self.max_ratio
        large = None if by_design else longest_run(most > most_allowed, self.steps)
        is_clipped = flow is not None and flow.is_clipped
        least = self.min_ratio * (10.0 if is_clipped else 1.0)
        began = learning_rate(facts)
        moves = (most > 0) | (updates.rates < (0.5 * began if began else 0.0))  # steps of zero are NN907's
        small = longest_run(moves & (most < least) & (left >= self.min_left), self.steps, updates.steps)
        if large is not None:
            yield self._report(updates, facts, large, "large")
        elif small is not None:
            yield self._report(updates, facts, small, "small", CLIPPED if is_clipped else ())

    def _report(self, updates: UpdateRatios, facts: NetFacts, run: Run, size: str, fixed: Changes = ()) -> Finding:
        first, last = run
        typical, layer = updates.typical(first, last)
        began, rate = learning_rate(facts, layer), float(updates.rates[last])
        factor = float(10.0 ** np.round(np.log10(3e-3 / max(typical, 1e-12)) - 0.5)) if size == "small" else 0.1
        factor = min(max(factor, 1e-3), 1e4)
        has_decayed = began is not None and size == "small" and rate * factor < began
        where = f"step {int(updates.steps[first])} to {int(updates.steps[last])}"
        return self.finding(
            f"from {where} a step moves the weights by {short(typical)} of their size at most "
            f"({layer}); usual is a thousandth"
            + (f", at a learning rate of {short(rate if has_decayed else began)}" if began else "")
            + (f", which was {short(began)} at first" if has_decayed else ""),
            rounds=(int(updates.rounds[first]), int(updates.rounds[last])),
            try_next=SLOWER if has_decayed else fixed or rate_change(facts, factor, WHY[size], layer),
            explains=("NN902", *self.explains) if size == "large" else None,
            size=size,
            ratio=typical,
            layer=layer,
            first_step=int(updates.steps[first]),
        )
