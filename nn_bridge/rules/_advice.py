"""What the rules on networks share: what follows from a broken net, and what to try, in PyTorch's words."""

from __future__ import annotations

import math

from nn_bridge.record.network_facts import NetFacts
from treedebug.core.findings import Change

CURVES = ("CV101", "CV102", "CV103", "CV104", "CV105", "CV106", "CV107", "CV109", "CV110", "CV111")
CLASSES = ("CL402", "CL403", "CL404", "CL405", "CL406")
OUTCOMES = CURVES + CLASSES
"""What a net that does not train well looks like from outside."""
TENSORS = (
    "NN902", "NN903", "NN904", "NN905", "NN906", "NN908", "NN909", "NN910", "NN911", "NN912",
)  # fmt: skip
"""What a bad beginning or bad inputs do to the tensors."""
SATURATED = {"sigmoid": ("NN909",), "tanh": ("NN908",)}
"""What becomes of a function that should not stand before the loss: driven to its ends, as the loss asks for more."""


def learning_rate(facts: NetFacts) -> float | None:
    """Return the largest learning rate set when the optimiser was made, or None."""
    return _largest(facts, "lr")


def _largest(facts: NetFacts, setting: str) -> float | None:
    rates = [group.get(setting) for optimizer in facts.optimizers for group in optimizer.groups]
    known = [float(r) for r in rates if isinstance(r, int | float) and math.isfinite(r) and r > 0]
    return max(known, default=None)


def rate_change(facts: NetFacts, factor: float, why: str) -> tuple[Change, ...]:
    """Propose the learning rate times a factor, to two digits; only which way where it is unknown or zero.

    OneCycleLR and CyclicLR set `lr` themselves: there it is their `max_lr` that is to be changed.
    """
    peak = _largest(facts, "max_lr")
    name, rate = ("lr", learning_rate(facts)) if peak is None else ("max_lr", peak)
    way = "larger" if factor > 1.0 else "smaller"
    return (Change(name, way if rate is None else float(f"{rate * factor:.2g}"), why),)


def layer_name(layer: str) -> str:
    """Name a module in a message: those of a Sequential have numbers for names."""
    return f"layer {layer}" if layer.replace(".", "").isdigit() else layer or "the net"
