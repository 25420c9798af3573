"""Better, equal or worse: the paired difference of the losses of the same test rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from _advice.training import Outcome

BETTER, EQUAL, WORSE = "better", "equal", "worse"
SIGMAS = 2.0


def compared(outcome: Outcome, base: Outcome) -> dict[str, Any]:
    """The outcome against a base: `difference` and `error` of the mean loss, `relative` to it, leaves, seconds."""
    rows = outcome.loss - base.loss
    difference, error = float(rows.mean()), float(rows.std(ddof=1) / np.sqrt(len(rows)))
    return {
        "verdict": verdict(difference, error),
        "difference": difference,
        "error": error,
        "base": base.mean,
        "relative": difference / max(base.mean, 1e-9),
        "leaves": outcome.leaves / max(base.leaves, 1),
        "seconds": outcome.seconds / max(base.seconds, 1e-6),
        "auc": None if outcome.auc is None or base.auc is None else outcome.auc - base.auc,
    }


def verdict(difference: float, error: float) -> str:
    if abs(difference) <= SIGMAS * error or difference == 0.0:
        return EQUAL
    return BETTER if difference < 0 else WORSE


def pooled(some: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several seeds of one cell as one: mean losses, and the error of their mean difference."""
    difference = float(np.mean([c["difference"] for c in some]))
    error = float(np.sqrt(np.sum([c["error"] ** 2 for c in some])) / len(some))
    base = float(np.mean([c["base"] for c in some]))
    return {
        "verdict": verdict(difference, error),
        "relative": difference / max(base, 1e-9),
        "leaves": float(np.median([c["leaves"] for c in some])),
        "seconds": float(np.median([c["seconds"] for c in some])),
    }
