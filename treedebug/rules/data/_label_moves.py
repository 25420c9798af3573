"""What DA611 says of labels that are spread otherwise."""

from __future__ import annotations

import math

from treedebug.core.data.column_profile import CLASSES
from treedebug.core.data.data_sets import Drift
from treedebug.core.phrases import figure, percent
from treedebug.rules.data._column_words import shown
from treedebug.signals.data.checked_tables import Split

_FEW = 20
_FAR = 0.1
"""Of the range of the training labels, that others lie beyond it."""


def beyond_range(split: Split) -> str:
    """What labels of numbers outside the range of the training labels mean for trees; "" if they hardly are."""
    label, other = split.train.label, split.other.label
    if label is None or other is None or label.kind == CLASSES or split.other.n_rows < _FEW:
        return ""
    low, high, span = label.column.minimum, label.column.maximum, label.column.maximum - label.column.minimum
    above, below = other.column.maximum - high, low - other.column.minimum
    if not max(above, below) > _FAR * span:
        return ""
    most, bound, side = (other.column.maximum, high, "largest") if above >= below else (
        other.column.minimum, low, "smallest")  # fmt: skip
    return (
        f"; they reach {figure(most)}, beyond the {side} training label, {figure(bound)}, where trees cannot predict: "
        "predict the difference from a trend, or from the last known value"
    )


def odds_change(drift: Drift) -> float:
    """How far the odds of the class that changed most have moved, as a factor of 1 or more."""
    a, b = drift.share_train, drift.share_other
    if not (0.0 < a < 1.0 and 0.0 < b < 1.0):
        return 1.0
    return math.exp(abs(math.log(a * (1.0 - b) / (b * (1.0 - a)))))


def spread_words(drift: Drift, name: str) -> str:
    if drift.value is not None and math.isfinite(drift.share_train + drift.share_other):
        where = f"{shown(drift.value)} has {percent(drift.share_train)} of the training rows"
        return f"{where} and {percent(drift.share_other)} of {name}"
    return f"distance {figure(drift.distance)}, mean by {drift.shift:+.2g} standard deviations"
