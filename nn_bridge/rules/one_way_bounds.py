"""NN933 one-way-bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from treedebug.core.findings import Change, Finding
from treedebug.core.run.rate_log import RateLog
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class OneWayBounds(Rule):
    """The scheduler's lower bound lies above the learning rate: it can only rise.

    ## What it does
    Fires when the scheduler that the recorder was given has a `min_lr` of more than `min_ratio` times the rate that the
    training began with.
    ## Why is this bad
    GreedyLR of transformers has 0.001 for a floor and 1 for a ceiling, whatever the rate. With the 5e-5 of its Trainer
    it can never lower the rate: a loss that gets worse changes nothing, one that improves raises the rate a
    hundredfold.
    ## When to ignore it
    You want a rate that only rises.
    """

    code = "NN933"
    name = "one-way-bounds"

    min_ratio: float = param(1.0, "lower bound over the first learning rate", ge=0.0, le=1e6)

    def check(self, log: RateLog) -> Iterator[Finding]:
        """Compare the bound with the rate."""
        floor, initial = _number(log.facts.get("min_lr")), _number(log.facts.get("initial"))
        if initial <= 0 or floor <= self.min_ratio * initial:
            return
        name = str(log.facts.get("schedule", "the schedule"))
        yield self.finding(
            f"{name} may not go below {short(floor)}, and the learning rate is {short(initial)}: it can only rise",
            try_next=(Change("min_lr", initial / 10, "bounds that follow the rate"), Change("max_lr", initial * 10)),
            floor=floor,
            initial=initial,
        )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
