"""What the first tree does to counts and amounts: with a log link, a leaf value is a factor."""

from __future__ import annotations

import math

from treedebug.core.findings import Change
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.rules.advice import change
from treedebug.signals.trees.leaf_updates import Updates

LOG_LINK = ("count:poisson", "poisson", "reg:gamma", "gamma", "reg:tweedie", "tweedie")


def first_step(updates: Updates, header: Header) -> float:
    """Return the logarithm of what the first tree changes; its leaves stand around that of the mean label."""
    mean = (header.training_label() or {}).get("mean") or 0.0
    if not header.objective.startswith(LOG_LINK) or not mean > 0 or header.start_round:
        return 0.0
    return updates.first_leaf - abs(math.log(mean))


def said_of_first(step: float, header: Header) -> tuple[str, tuple[Change, ...]]:
    """Return the message on such a step, and what to do."""
    message = (
        f"with the log link of {header.objective} the first tree changes predictions by a factor of "
        f"{figure(math.exp(min(step, 700.0)))}: leaves of labels near 0 have next to no hessian, and the rounds after "
        "it only repair that"
    )
    tame = change(header, "min_child_weight", 10, "no leaf without hessian")
    return message, (tame, change(header, "max_delta_step", 0.7, "bounds every leaf"))
