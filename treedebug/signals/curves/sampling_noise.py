"""How far a metric moves by chance: which rows happen to be in the validation set."""

from __future__ import annotations

import math
from typing import Any

from treedebug.signals.curves.metric_facts import LOGLOSSES, base_name, class_counts


def sampling_noise(metric: str, value: float, facts: dict[str, Any]) -> float:
    """Return the standard deviation of a metric by which rows happen to be in validation.

    `facts` is what the header holds of the data set; a fiftieth of the value stands for an unknown number of rows.
    """
    n, base = facts.get("n_rows") or 0, base_name(metric)
    if n < 2:
        return value / 50.0
    counts = class_counts(facts.get("label"))
    rare = n / 2 if counts is None or not (counts > 0).any() else float(counts[counts > 0].min())
    share = min(max(value, 0.5 / n), 1.0 - 0.5 / n)
    if base.endswith("error") or base in ("accuracy", "acc"):
        return math.sqrt(share * (1.0 - share) / n)
    if base in ("auc", "aucpr", "average_precision", "auc_mu", "f1", "recall", "precision"):
        return math.sqrt(share * (1.0 - share) / rare)
    if base in LOGLOSSES:  # a few rows cost most of it: the better the model, the more so
        return math.sqrt(value / n)
    return value * math.sqrt((4.0 if base in ("l2", "mse") else 1.0) / n)
