"""NN926 lagging-statistics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.rules._advice import OUTCOMES, layer_name
from nn_bridge.signals.evaluation_checks import StatisticsLag
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import listed, percent
from treedebug.core.run.run_data import RunView
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class LaggingStatistics(Rule):
    """The running statistics of batch norm still hold what they started with.

    ## What it does
    Computes how much of the running mean and variance is still their start, (1 - momentum) to the power of the steps.
    Fires at the end of a training when it is `min_start` or more and the last validation loss is `min_gap` times the
    training loss.
    ## Why is this bad
    Evaluation normalises by these statistics, training by those of the batch: the net is judged on other inputs than
    it learned from.
    ## When to ignore it
    The statistics come from an earlier training on the same data.
    """

    code = "NN926"
    name = "lagging-statistics"
    explains: ClassVar[tuple[str, ...]] = OUTCOMES

    min_start: float = param(0.2, "share of the statistics that is still their start", ge=0.0, le=1.0)
    min_gap: float = param(1.3, "last validation loss over training loss", ge=0.0, le=1e6)
    min_steps: int = param(20, "steps of the optimizer", ge=1, le=1_000_000)

    def check(self, lag: StatisticsLag, view: RunView) -> Iterator[Finding]:
        """Judge the layer that lags most."""
        if not view.final or lag.n_steps < self.min_steps or lag.left < self.min_start or lag.gap < self.min_gap:
            return
        momentum = float(f"{1.0 - 0.05 ** (1.0 / lag.n_steps):.1g}")
        yield self.finding(
            f"the running statistics of batch norm {listed([layer_name(x) for x in lag.layers], 3)} are still "
            f"{percent(lag.left)} what they started with: momentum is {short(lag.momentum)}, for {lag.n_steps} steps",
            is_root=True,
            try_next=(Change("momentum", max(momentum, 0.1), "of batch norm, so that its statistics follow"),),
            layer=lag.layers[0],
            left=lag.left,
            n_steps=lag.n_steps,
        )
