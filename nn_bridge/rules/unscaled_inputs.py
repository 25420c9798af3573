"""NN917 unscaled-inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.rules._advice import OUTCOMES, TENSORS
from nn_bridge.signals.sampled_steps import InputScale
from treedebug.core.findings import Change, Finding
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class UnscaledInputs(Rule):
    """The inputs of the net are on a scale it is not made for.

    ## What it does
    Looks at the batches that the net was given. Fires when their standard deviation is over `max_std` or under
    `min_std`, or their mean is `max_offset` standard deviations or more from zero; and when the batches of evaluation
    have a standard deviation `max_factor` times that of the training ones, or the other way round.
    ## Why is this bad
    Initial weights and learning rates are made for inputs of about unit variance. Rows that are scaled in one way for
    training and in another for evaluation are rows of another problem.
    ## When to ignore it
    The first layer normalises what it gets.
    """

    code = "NN917"
    name = "unscaled-inputs"
    explains: ClassVar[tuple[str, ...]] = ("NN901", *TENSORS, "NN914", *OUTCOMES)

    min_std: float = param(0.02, "standard deviation of the input", ge=0.0, le=1.0)
    max_std: float = param(5.0, "standard deviation of the input", ge=1.0, le=1e9)
    max_offset: float = param(5.0, "mean of the input, in standard deviations", ge=0.0, le=1e9)
    max_factor: float = param(3.0, "standard deviation of evaluation over that of training", ge=1.0, le=1e9)

    def check(self, scale: InputScale) -> Iterator[Finding]:
        """Judge the training batches, then how the evaluation differs."""
        low, high = self.min_std <= scale.std, scale.std <= self.max_std
        centred = abs(scale.mean) <= self.max_offset * scale.std
        if scale.std > 0 and not (low and high and centred):
            yield self.finding(
                f"the inputs have a mean of {short(scale.mean)} and a standard deviation of {short(scale.std)}",
                subject="training",
                rounds=(0, 0),
                explains=("DA602", *self.explains),
                try_next=(Change("input", "(x - mean) / std", "mean 0, variance 1, by the training rows"),),
                mean=scale.mean,
                std=scale.std,
            )
        factor = scale.evaluation_std / scale.std if scale.std > 0 else float("nan")
        if factor > self.max_factor or factor < 1.0 / self.max_factor:
            yield self.finding(
                f"the inputs of evaluation have a standard deviation of {short(scale.evaluation_std)}, those of "
                f"training one of {short(scale.std)}: they are not scaled alike",
                subject="evaluation",
                try_next=(Change("input", "one scaler for all rows", "fitted on the training rows"),),
                evaluation_std=scale.evaluation_std,
                std=scale.std,
            )
