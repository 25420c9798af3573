"""NN924 unscaled-targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import OUTCOMES
from treedebug.core.findings import Change, Finding
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short

_LOSSES = ("mse", "l1", "smooth_l1", "huber")


@dataclass(frozen=True, kw_only=True)
class UnscaledTargets(Rule):
    """The targets of a regression are on a scale that the net starts far away from.

    ## What it does
    Reads the first batch of a loss for amounts. Fires when the root mean square of the targets is over `max_size`
    and over `max_ratio` times the standard deviation of the first outputs.
    ## Why is this bad
    The first errors, and with a squared error the gradients, are as many times too large; the last layer spends the
    training on growing its weights.
    ## When to ignore it
    The last layer starts at the mean of the targets, or rates are made for this scale.
    """

    code = "NN924"
    name = "unscaled-targets"
    explains: ClassVar[tuple[str, ...]] = (
        "NN902", "NN903", "NN904", "NN908", "NN909", "NN910", "NN911", "NN912", *OUTCOMES,
    )  # fmt: skip

    max_size: float = param(20.0, "root mean square of the targets", ge=0.0, le=1e12)
    max_ratio: float = param(30.0, "the same, over the standard deviation of the first outputs", ge=1.0, le=1e12)

    def check(self, facts: NetFacts) -> Iterator[Finding]:
        """Compare targets and first outputs."""
        loss = facts.loss
        if loss.function not in _LOSSES or not loss.target_std >= 0:
            raise Missing("the loss is not one for amounts, or its targets were not seen")
        size = float((loss.target_mean**2 + loss.target_std**2) ** 0.5)
        if size <= self.max_size or size <= self.max_ratio * loss.output_std:
            return
        yield self.finding(
            f"the targets have a mean of {short(loss.target_mean)} and a standard deviation of "
            f"{short(loss.target_std)}; the outputs start with one of {short(loss.output_std)}",
            rounds=(0, 0),
            is_root=True,
            try_next=(Change("targets", "(y - mean) / std", "by the training rows; scale predictions back"),),
            target_mean=loss.target_mean,
            target_std=loss.target_std,
        )
