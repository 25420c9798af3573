"""NN909 saturated-sigmoid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.rules.advice import OUTCOMES
from nn_bridge.rules.saturation import Saturated, saturated
from nn_bridge.signals.activity import Saturation
from treedebug.core.findings import Finding
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class SaturatedSigmoid(Rule):
    """Most outputs of a sigmoid stand at its flat ends.

    ## What it does
    Fires when, in each of the last `steps` sampled steps, `min_share` of the inputs of a sigmoid were 5 or more away
    from zero, where its slope is under a hundredth of what it is at zero. Names the first such layer.
    ## Why is this bad
    Hardly any gradient passes: what is before the layer does not learn.
    ## When to ignore it
    The layer is a gate that is meant to be open or shut.
    """

    code = "NN909"
    name = "saturated-sigmoid"
    explains: ClassVar[tuple[str, ...]] = ("NN902", "NN905", "NN912", *OUTCOMES)

    min_share: float = param(0.5, "share of inputs 5 or more away from zero", ge=0.0, le=1.0)
    steps: int = param(5, "sampled steps in a row", ge=1, le=100_000)

    def check(self, saturation: Saturation) -> Iterator[Finding]:
        """Look at the sigmoid layers only."""
        found: Saturated | None = saturated(saturation, "sigmoid", min_share=self.min_share, steps=self.steps)
        if found is not None:
            yield self.finding(found.message, rounds=found.rounds, try_next=found.try_next, **found.evidence)
