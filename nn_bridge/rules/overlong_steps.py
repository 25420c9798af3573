"""NN941 overlong-steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import OUTCOMES, learning_rate, named_rate, rate_change
from nn_bridge.signals.headroom_course import HeadroomCourse
from nn_bridge.signals.weight_updates import longest_run
from treedebug.core.findings import Finding, Severity
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class OverlongSteps(Rule):
    """Steps overshoot: a quarter of their length would have been enough, and the training is about to diverge.

    ## What it does
    Reads the step headroom of the first steps (`TorchRecorder(..., headroom=...)`). Fires if it is `max_headroom` or
    less in `samples` sampled steps in a row among the first `early`, or in one of them while the loss is `blown` times
    its first. About 1 is the edge of stability, where good trainings run: nothing is said of it. Late in a training a
    small headroom is usual.
    ## Why is this bad
    Each step lands beyond the valley that it was to go down into, higher than where it began.
    ## When to ignore it
    The loss falls all the same.
    """

    code = "NN941"
    name = "overlong-steps"
    severity = Severity.ERROR
    explains: ClassVar[tuple[str, ...]] = ("NN903", "NN904", "NN911", *OUTCOMES)

    max_headroom: float = param(0.25, "length of the step that would have been enough", ge=0.0, le=1.0)
    samples: int = param(3, "sampled steps in a row", ge=1, le=1000)
    early: int = param(60, "first steps that are judged", ge=1, le=100_000)
    blown: float = param(10.0, "loss as a multiple of the first, where one step is enough", ge=1.0, le=1e9)

    def check(self, headroom: HeadroomCourse, facts: NetFacts) -> Iterator[Finding]:
        """Look among the first steps."""
        early = headroom.steps < self.early
        short_of = early & (headroom.values <= self.max_headroom)
        run = longest_run(short_of, self.samples)
        if run is None:
            blown = np.flatnonzero(short_of & ~(headroom.left < self.blown))
            run = (int(blown[0]), int(blown[0])) if len(blown) else None
        if run is None:
            return
        first, last = run
        most = float(headroom.values[first : last + 1].max())
        rate = learning_rate(facts)
        where = f"step {int(headroom.steps[first])}" + (f" to {int(headroom.steps[last])}" if last > first else "")
        yield self.finding(
            f"{where}: after {short(most)} of the step's length or less the loss of its own batch is back at what it "
            f"was, and beyond that it rises: {named_rate(rate)} is too large",
            rounds=(int(headroom.rounds[first]), int(headroom.rounds[last])),
            try_next=rate_change(facts, 0.1, "shorter steps"),
            headroom=most,
            first_step=int(headroom.steps[first]),
        )
