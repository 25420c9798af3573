"""Rates that hypergradient descent moves: one for all, one a group, a tensor, or a single parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from treedebug.core.errors import ConfigError

SCOPES = ("global", "group", "tensor", "parameter")
MODES = ("multiplicative", "additive")
SPAN = 100.0
"""Rates stay within a hundredth and a hundred times where they began."""


@dataclass(frozen=True)
class HypergradientSettings:
    """How rates move. `beta` is the step of the rate itself."""

    beta: float
    mode: str
    scope: str

    def __post_init__(self) -> None:
        """Raise ConfigError for anything else."""
        if self.scope not in SCOPES or self.mode not in MODES or not self.beta >= 0.0:
            raise ConfigError(
                f"scope is one of {', '.join(SCOPES)}, mode one of {', '.join(MODES)}, beta at least 0; got "
                f"scope={self.scope!r}, mode={self.mode!r}, beta={self.beta!r}"
            )


@dataclass
class RatedParameter:
    """A gradient and the direction applied in the step before (None in the first), of one tensor."""

    group: dict[str, Any]
    param: torch.Tensor
    gradient: torch.Tensor
    direction: torch.Tensor | None


def move_rates(parts: list[RatedParameter], states: Any, settings: HypergradientSettings) -> None:
    """Move the rates before a step: up where the gradient points as the last direction did, down where against it."""
    if settings.scope == "parameter":
        for part in parts:
            _move_elements(part, states[part.param], settings)
        return
    for together in _joined(parts, settings.scope):
        h, scale = _products(together)
        if h is None:
            continue
        holders = _holders(together, states, settings.scope)
        for holder, key, first in holders:
            holder[key] = _moved(holder[key], first, h, scale, settings)


def _joined(parts: list[RatedParameter], scope: str) -> list[list[RatedParameter]]:
    if scope == "global":
        return [parts] if parts else []
    keyed: dict[int, list[RatedParameter]] = {}
    for part in parts:
        keyed.setdefault(id(part.group) if scope == "group" else id(part.param), []).append(part)
    return list(keyed.values())


def _products(parts: list[RatedParameter]) -> tuple[float | None, float]:
    """Return gradient times direction, and the product of their norms; None for a first step, or where not finite."""
    known = [(p.gradient, p.direction) for p in parts if p.direction is not None]
    if not known:
        return None, 0.0
    h = sum(float((g * u).sum()) for g, u in known)
    norms = [sum(float((x * x).sum()) for x in xs) ** 0.5 for xs in zip(*known, strict=True)]
    product = norms[0] * norms[1]
    return (h, product) if abs(h) < float("inf") and product < float("inf") else (None, 0.0)  # NaN fails both


def _holders(parts: list[RatedParameter], states: Any, scope: str) -> list[tuple[Any, str, float]]:
    """Return where the rates stand, and where each began."""
    if scope == "tensor":
        return [(states[p.param], "rate", p.group["first_lr"]) for p in parts]
    groups = {id(p.group): p.group for p in parts}
    return [(group, "lr", group["first_lr"]) for group in groups.values()]


def _moved(rate: Any, first: float, h: float, scale: float, settings: HypergradientSettings) -> float:
    now = float(rate)
    if settings.mode == "additive":
        now += settings.beta * h
    elif scale > 0.0:
        now *= 1.0 + settings.beta * h / scale
    return min(max(now, first / SPAN), first * SPAN)


def _move_elements(part: RatedParameter, state: dict[str, Any], settings: HypergradientSettings) -> None:
    if part.direction is None:
        return
    first = part.group["first_lr"]
    h = torch.nan_to_num(part.gradient * part.direction, nan=0.0, posinf=0.0, neginf=0.0)
    rates: torch.Tensor = state["rate"]
    if settings.mode == "additive":
        rates.add_(h, alpha=settings.beta)
    else:
        rates.mul_(1.0 + settings.beta * torch.sign(h))
    rates.clamp_(first / SPAN, first * SPAN)
