"""The learning rate and the L2 penalty behind an XGBoost model file, which names neither."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from treedebug.readers.xgboost.xgboost_writer import decoded

Floats = NDArray[np.float64]
_PENALTIES = (1.0, 0.0, 0.1, 0.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_FEWEST, _ENOUGH = 3, 2000


class Steps(NamedTuple):
    """What turned Newton steps into leaves: leaf = -rate * gradient / (hessian + penalty)."""

    rate: float
    penalty: float


def steps_of(raw: bytes) -> Steps | None:
    """Return the rate (divided by the parallel trees of a round) and the penalty; None where the trees do not tell.

    A split keeps its own Newton step unshrunk, and gradients add up: so two leaves and the split above them give the
    rate for any penalty, and the right penalty is the one under which all splits give the same.
    """
    found = _pairs(decoded(raw)["learner"]["gradient_booster"]["model"]["trees"])
    if len(found) < _FEWEST:
        return None
    w, h, lw, lh, rw, rh = found.T
    best: tuple[float, Steps] | None = None
    for penalty in _PENALTIES:
        rates = (lw * (lh + penalty) + rw * (rh + penalty)) / (w * (h + penalty))
        low, rate, high = np.quantile(rates, [0.25, 0.5, 0.75])
        if rate > 0 and (best is None or high - low < best[0] - 1e-9):
            best = float(high - low), Steps(float(f"{rate:.4g}"), penalty)
    return best[1] if best else None


def _pairs(trees: list[dict[str, Any]]) -> Floats:
    """Return (n, 6): weight and hessian of splits whose children are both leaves, and of the two leaves."""
    parts, n = [], 0
    for tree in trees:
        left, right = (np.asarray(tree[k], dtype=np.int64) for k in ("left_children", "right_children"))
        hessian, weight = (np.asarray(tree[k], dtype=np.float64) for k in ("sum_hessian", "base_weights"))
        leaf = np.asarray(tree["split_conditions"], dtype=np.float64)
        if not len(left) == len(hessian) == len(weight) == len(leaf):
            continue  # vector leaves
        at = np.flatnonzero(left >= 0)
        at = at[(left[left[at]] < 0) & (left[right[at]] < 0) & (np.abs(weight[at]) > 1e-3)]
        lo, hi = left[at], right[at]
        parts.append(np.column_stack([weight[at], hessian[at], leaf[lo], hessian[lo], leaf[hi], hessian[hi]]))
        n += len(at)
        if n > _ENOUGH:
            break
    return np.concatenate(parts) if parts else np.zeros((0, 6))
