"""NN940 timid-steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import OUTCOMES, learning_rate, named_rate, rate_change
from nn_bridge.signals.headroom_course import HeadroomCourse
from nn_bridge.signals.weight_updates import longest_run
from treedebug.core.findings import Finding
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class TimidSteps(Rule):
    """Steps could be many times longer before the loss of their own batch rises.

    ## What it does
    Reads the step headroom: how many times longer a step could be before the loss of its batch rises above what it was
    before the step (`TorchRecorder(..., headroom=...)`). Fires if it is `min_headroom` or more in `samples` measured
    steps in a row while `min_left` of the first loss is still there. The first `first` steps do not count, in which
    sound trainings have much headroom, nor do steps of a rate under `min_rate` of the largest so far.
    ## Why is this bad
    The learning rate is far too small: the same training could be over in a fraction of the steps.
    ## When to ignore it
    With small batches noise, not curvature, bounds the rate: a loss that has come to its floor early looks the same.
    """

    code = "NN940"
    name = "timid-steps"
    explains: ClassVar[tuple[str, ...]] = OUTCOMES

    min_headroom: float = param(50.0, "times longer that a step could be", ge=1.0, le=1024.0)
    min_left: float = param(0.7, "training loss that is left", ge=0.0, le=1.0)
    samples: int = param(3, "measured steps in a row", ge=1, le=1000)
    first: int = param(40, "first steps that are not judged", ge=0, le=100_000)
    min_rate: float = param(0.5, "learning rate, as a share of the largest so far", ge=0.0, le=1.0)

    def check(self, headroom: HeadroomCourse, facts: NetFacts) -> Iterator[Finding]:
        """Look for a run of steps that are far from their limit."""
        counts = (headroom.steps >= self.first) & (headroom.rate >= self.min_rate)
        timid = (headroom.values >= self.min_headroom) & (headroom.left >= self.min_left)
        run = longest_run(counts & timid, self.samples)
        if run is None:
            return
        first, last = run
        least = float(headroom.values[first : last + 1].min())
        rate = learning_rate(facts)
        yield self.finding(
            f"from step {int(headroom.steps[first])} to {int(headroom.steps[last])} steps could be {short(least)} "
            f"times longer before the loss of their own batch rises: {named_rate(rate)} is far too small",
            rounds=(int(headroom.rounds[first]), int(headroom.rounds[last])),
            try_next=rate_change(facts, 10.0, "longer steps; not by the whole headroom, which shrinks as steps grow"),
            headroom=least,
            first_step=int(headroom.steps[first]),
        )
