"""NN923 unreachable-targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import LossFacts, NetFacts
from nn_bridge.rules._advice import OUTCOMES
from treedebug.core.findings import Change, Finding
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short

_RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, float("inf")), "softmax": (0.0, 1.0)}
_LOSSES = ("mse", "l1", "smooth_l1", "huber", "bce")


@dataclass(frozen=True, kw_only=True)
class UnreachableTargets(Rule):
    """Targets lie outside what the net's last function can give.

    ## What it does
    Reads the first batch of a loss for amounts. Fires when sigmoid, softmax, tanh or ReLU stands last and the targets
    reach further than its range by more than `slack` of their own range.
    ## Why is this bad
    Those targets cannot be learned, however long the training.
    ## When to ignore it
    The targets outside are outliers that are meant to be cut.
    """

    code = "NN923"
    name = "unreachable-targets"
    explains: ClassVar[tuple[str, ...]] = ("NN902", "NN905", "NN908", "NN909", "NN910", "NN912", "NN924", *OUTCOMES)

    slack: float = param(0.05, "how far targets may lie outside, as a share of their range", ge=0.0, le=1.0)

    def check(self, facts: NetFacts) -> Iterator[Finding]:
        """Compare the range of the targets with that of the last function."""
        loss = facts.loss
        last = loss.applied[-1] if loss.applied else ""
        if last not in _RANGES or loss.function not in _LOSSES or not self._is_outside(loss, *_RANGES[last]):
            return
        low, high = _RANGES[last]
        yield self.finding(
            f"targets go from {short(loss.target_min)} to {short(loss.target_max)}, but {last}, the last function, "
            f"cannot reach them: it gives {short(low)} to {short(high)}",
            rounds=(0, 0),
            is_root=True,
            try_next=(Change("activation", "none", f"instead of the last {last}, or scale the targets to its range"),),
            function=last,
            target_min=loss.target_min,
            target_max=loss.target_max,
        )

    def _is_outside(self, loss: LossFacts, low: float, high: float) -> bool:
        slack = self.slack * (loss.target_max - loss.target_min)
        return loss.target_min < low - slack or loss.target_max > high + slack
