"""The test that a fault is one: its model, or what it reports, is worse than the healthy twin's.

Every test is at the 1 % level and on the run itself, so that a run is kept or dropped by what happened to it.

* loss: the mean loss of the test rows is higher than the twin's on the same rows (one-sided paired t).
* balanced: the same with each class weighing the same.
* trust: the validation loss is not the loss of the test rows (Welch), on the faulty run.
* waste: more than one and a half times the rounds of the twin (early stopping's patience included), or worse by loss.
* time: the user's metric took more than half of the training's wall time.
* stated: kept without a test, for the reason the kind gives.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import stats

from _faults.catalog import BALANCED, LOSS, STATED, TIME, TRUST
from _faults.tables import Floats

LEVEL = 0.01
WASTEFUL = 1.5
Losses = tuple[Floats, Floats]
"""Of the validation rows and of the test rows."""


def is_harmful(
    how: str, facts: dict[str, Any], losses: Losses, twin: dict[str, Any], twin_losses: Losses, labels: Floats
) -> tuple[bool, float]:
    """Whether the run is kept, and the figure that decided: a p value, or a ratio for waste and time."""
    if how == STATED:
        return True, math.nan
    if how == TIME:
        share = facts["metric_seconds"] / max(facts["seconds"], 1e-9)
        return share > 0.5, share
    if how == TRUST:
        p = float(stats.ttest_ind(losses[0], losses[1], equal_var=False).pvalue)
        return p < LEVEL, p
    p = _worse(losses[1] - twin_losses[1], labels if how == BALANCED else None)
    if how in (LOSS, BALANCED) or p < LEVEL:
        return p < LEVEL, p
    ratio = facts["n_rounds"] / max(twin["n_rounds"], 1)
    return ratio > WASTEFUL, ratio


def _worse(difference: Floats, labels: Floats | None) -> float:
    if labels is not None:
        counts = np.bincount(labels.astype(int))
        weight = len(labels) / (np.count_nonzero(counts) * counts[labels.astype(int)])
        difference = difference * weight
    if not np.isfinite(difference).all():
        return 0.0
    if difference.std() == 0:
        return 1.0 if difference[0] <= 0 else 0.0
    return float(stats.ttest_1samp(difference, 0.0, alternative="greater").pvalue)
