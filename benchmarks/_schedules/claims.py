"""What GreedyLR of transformers does on inputs that show its faults, and what ours does on the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.schedules import GreedyLR

NAN = float("nan")
IMPROVING = [1.0 - 0.001 * i for i in range(200)]
CASES: dict[str, tuple[float, list[float], dict[str, Any], dict[str, Any]]] = {
    "5e-5 (the Trainer's rate), all defaults, 1000 ever worse values": (5e-5, [float(i) for i in range(1000)], {}, {}),
    "the same, 1000 ever better values": (5e-5, [float(-i) for i in range(1000)], {}, {}),
    "smoothing, one NaN, then 200 better values": (
        0.1, [NAN, *IMPROVING], {"smooth": True}, {"window": 50, "patience": 10},
    ),
    "1e-7, patience 0, 50 worse values, floor 1e-12": (
        1e-7, [float(i) for i in range(50)], {"patience": 0, "min_lr": 1e-12}, {"patience": 0, "min_lr": 1e-12},
    ),
    "a constant loss of -1, relative threshold": (
        0.1, [-1.0] * 200, {"threshold_mode": "rel", "threshold": 1e-4}, {"patience": 10},
    ),
    "ten ever better evaluations, all defaults": (0.1, [float(-i) for i in range(10)], {}, {"patience": 10}),
}  # fmt: skip


def after(observe: Callable[[float], float], values: list[float]) -> float:
    """The rate after the values."""
    rate = math.nan
    for value in values:
        rate = observe(value)
    return rate


def theirs(lr: float, values: list[float], options: dict[str, Any]) -> float | None:
    """The rate of transformers; None where it is not installed."""
    try:
        import torch
        from transformers.optimization import GreedyLR as Theirs
    except ImportError:
        return None
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = Theirs(optimizer, **options)

    def observe(value: float) -> float:
        optimizer.step()
        scheduler.step(value)
        return float(optimizer.param_groups[0]["lr"])

    return after(observe, values)


def results() -> list[tuple[str, str, str]]:
    """(input, transformers, ours), in words."""
    rows = []
    for name, (lr, values, options, own) in CASES.items():
        found = theirs(lr, values, options)
        try:
            ours = f"{lr:g} -> {after(GreedyLR(lr, **own).observe, values):.3g}"
        except ConfigError as error:
            ours = f"refused: {error}"
        rows.append((name, "not installed" if found is None else f"{lr:g} -> {found:.3g}", ours))
    return rows
