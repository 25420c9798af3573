"""NN927 noisy-evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.rules._advice import OUTCOMES
from nn_bridge.signals.evaluation_checks import EvaluationNoise
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class NoisyEvaluation(Rule):
    """Two evaluations of the same rows differ: chance is at work in evaluation mode.

    ## What it does
    Where the loss's graph drops entries that no dropout layer drops, evaluates some rows of the first evaluation twice.
    Fires when an output differs by more than `min_change` of the outputs' standard deviation.
    ## Why is this bad
    `F.dropout(x, p)` drops in evaluation too: metrics are those of a damaged net, and predictions change from call to
    call.
    ## When to ignore it
    Noise in evaluation is meant (Monte Carlo dropout, sampling).
    """

    code = "NN927"
    name = "noisy-evaluation"
    explains: ClassVar[tuple[str, ...]] = OUTCOMES

    min_change: float = param(0.01, "change of an output, in standard deviations of the outputs", ge=0.0, le=1e6)

    def check(self, noise: EvaluationNoise) -> Iterator[Finding]:
        """Compare the largest change."""
        if noise.change <= self.min_change:
            return
        yield self.finding(
            f"two evaluations of the same rows differ by {percent(noise.change)} of the outputs' spread: functional "
            "dropout is on in evaluation mode",
            rounds=(0, 0),
            is_root=True,
            try_next=(Change("training", "self.training", "in F.dropout(x, p, training=...), or use nn.Dropout"),),
            change=noise.change,
        )
