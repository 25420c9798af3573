"""What CV104 knows of curves that do not move."""

from __future__ import annotations

import numpy as np

from treedebug.core.run.eval_log import EvalSeries
from treedebug.core.run.run_data import Header
from treedebug.signals.curves.metric_facts import perfect_value


def of_linear(header: Header) -> str:
    """What keeps a linear booster from learning."""
    if header.booster != "gblinear":
        return ""
    if header.objective == "custom":
        return (
            "; do not divide gradient and hessian by the rows (lambda counts in hessian), and return a hessian over 0"
        )
    return "; a linear booster needs features of one scale: standardize them"


def standstill(curve: EvalSeries, min_change: float) -> int:
    moved = np.abs(curve.values - curve.values[-1]) > min_change * abs(float(curve.values[0]))
    return int(np.flatnonzero(moved)[-1]) + 1 if moved.any() else 0


def arrived(curve: EvalSeries, since: int, min_learned: float, max_moving: float) -> bool:
    """Return whether a curve stands still late, and has come a good way before."""
    first, last, perfect = float(curve.values[0]), float(curve.values[-1]), perfect_value(curve.metric)
    if perfect is None or first == perfect:
        return False
    return since > max_moving * len(curve.values) and abs(first - last) >= min_learned * abs(first - perfect)
