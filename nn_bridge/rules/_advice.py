"""What the rules on networks share: what follows from a broken net, and what to try, in PyTorch's words."""

from __future__ import annotations

import math

from nn_bridge.record.network_facts import NetFacts
from treedebug.core.findings import Change
from treedebug.reports.phrasing import short

CURVES = ("CV101", "CV102", "CV103", "CV104", "CV105", "CV106", "CV107", "CV109", "CV110", "CV111")
CLASSES = ("CL402", "CL403", "CL404", "CL405", "CL406")
LEARNING = CURVES + CLASSES
OUTCOMES = (*LEARNING, "NN918", "NN935")
"""What a net that does not train well looks like from outside."""
TENSORS = (
    "NN902", "NN903", "NN904", "NN905", "NN906", "NN908", "NN909", "NN910", "NN911", "NN912",
)  # fmt: skip
"""What a bad beginning or bad inputs do to the tensors."""
_MOST, _MOST_ADAPTIVE, _FAR = {"SGD": 0.05, "ASGD": 0.05}, 2e-3, 1e-4
"""Rates that are proposed at most where one is too large, by optimiser; and how far below it at once."""
SATURATED = {"sigmoid": ("NN909",), "tanh": ("NN908",)}
"""What becomes of a function that should not stand before the loss: driven to its ends, as the loss asks for more."""


def learning_rate(facts: NetFacts, param: str = "") -> float | None:
    """Return the largest learning rate set when the optimiser, of a parameter if given, was made; or None."""
    return _largest(facts, "lr", param)


def _largest(facts: NetFacts, setting: str, param: str) -> float | None:
    at = _optimizer_of(facts, param)
    optimizers = facts.optimizers if at is None else facts.optimizers[at : at + 1]
    rates = [group.get(setting) for optimizer in optimizers for group in optimizer.groups]
    known = [float(r) for r in rates if isinstance(r, int | float) and math.isfinite(r) and r > 0]
    return max(known, default=None)


def _optimizer_of(facts: NetFacts, param: str) -> int | None:
    """Return the position of a parameter's optimiser, where there are several and it is known."""
    known = facts.param(param) if param and len(facts.optimizers) > 1 else None
    return known.optimizer if known is not None and known.optimizer >= 0 else None


def rate_change(facts: NetFacts, factor: float, why: str, param: str = "") -> tuple[Change, ...]:
    """Propose the learning rate times a factor, to two digits; only which way where it is unknown or zero.

    OneCycleLR and CyclicLR set `lr` themselves: there it is their `max_lr` that is to be changed. Of several
    optimisers the one that holds `param` is named.
    """
    peak = _largest(facts, "max_lr", param)
    name, rate = ("lr", learning_rate(facts, param)) if peak is None else ("max_lr", peak)
    if (at := _optimizer_of(facts, param)) is not None:
        why = f"of the {facts.optimizers[at].type} that holds {param}; {why}"
    if rate is None:
        return (Change(name, "larger" if factor > 1.0 else "smaller", why),)
    wanted = rate * factor
    if factor < 1.0:
        wanted = min(wanted, max(_usual(facts, at), rate * _FAR))
    return (Change(name, float(f"{wanted:.2g}"), why),)


def _usual(facts: NetFacts, at: int | None) -> float:
    """Return a rate that nets usually stand with the optimiser at a position, or the first."""
    kinds = [o.type for o in facts.optimizers]
    return _MOST.get(kinds[at or 0] if kinds else "", _MOST_ADAPTIVE)


def named_rate(rate: float | None) -> str:
    """Name a learning rate in a message, with its value where that is known."""
    return f"a learning rate of {short(rate)}" if rate else "the learning rate"


def layer_name(layer: str) -> str:
    """Name a module in a message: those of a Sequential have numbers for names."""
    return f"layer {layer}" if layer.replace(".", "").isdigit() else layer or "the net"
