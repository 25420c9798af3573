"""DA611 drifting-label."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_profile import CLASSES
from treedebug.core.data.data_sets import Drift
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure, percent
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import shown
from treedebug.signals.data.checked_tables import Split, Splits
from treedebug.signals.data.set_drift import difference, rows_a_group

_FEW = 20
_FAR = 0.1
"""Of the range of the training labels, that others lie beyond it."""


@dataclass(frozen=True, kw_only=True)
class DriftingLabel(Rule):
    """The labels are spread otherwise in another set than in the training data.

    ## What it does
    Compares the labels of the training data with those of each other set: class shares, or distribution functions.
    Fires when chance gives the difference with a probability below `max_p`, and it is material: a distance of
    `min_distance` or more beyond what samples of this size differ by anyway, or a class whose odds change by a factor
    of `min_odds` or more.
    Says so where amounts go beyond the range of the training labels.
    ## Why is this bad
    A classifier's probabilities are right for the class shares it learned from. On others the log loss is off, and so
    is every threshold.
    ## When to ignore it
    The training data were balanced on purpose, and the probabilities are corrected afterwards.
    """

    code = "DA611"
    name = "drifting-label"
    explains = ("CL404", "DA610")

    min_distance: float = param(0.1, "distance of the distributions, 0 to 1, beyond chance", ge=0.0, le=1.0)
    min_odds: float = param(1.5, "change of a class's odds, as a factor", ge=1.0, le=1e9)
    max_p: float = param(0.001, "probability by chance", ge=0.0, le=1.0)

    def check(self, splits: Splits) -> Iterator[Finding]:
        """Compare distance, odds and probability."""
        pairs = [(s, s.between.label_drift) for s in splits]
        if all(drift is None for _, drift in pairs):
            raise Missing("needs the label in both sets: name its column with target=")
        for split, drift in pairs:
            if drift is None:
                continue
            label = split.train.label
            n_classes = label.n_classes if label is not None and label.kind == CLASSES else 0
            compared = difference(drift, n_classes, rows_a_group(split))
            if not compared.p_value < self.max_p:
                continue
            odds = _odds(drift) if n_classes else 1.0
            far = compared.beyond_chance >= self.min_distance
            if far or odds >= self.min_odds:
                yield self.finding(
                    f"the labels of {split.name} are not spread as in the training data: "
                    f"{_words(drift, split.name)}{_beyond(split)}",
                    subject=split.name,
                    explains=(*self.explains, "DA607", "DA612") if _beyond(split) else None,
                    try_next=_split_anew(split, drift.column),
                    label=drift.column,
                    distance=drift.distance,
                    psi=drift.psi,
                    p_value=compared.p_value,
                    odds_factor=odds if n_classes else None,
                    shift=drift.shift if math.isfinite(drift.shift) else None,
                )


def _beyond(split: Split) -> str:
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


def _split_anew(split: Split, column: str) -> tuple[Change, ...]:
    """A split by chance, unless the table has an order in time, which it would break."""
    if split.between.time is not None or split.train.time_was_named:
        return ()
    return (Change("stratify", column, "split anew, if the sets were to be alike"),)


def _odds(drift: Drift) -> float:
    """How far the odds of the class that changed most have moved, as a factor of 1 or more."""
    a, b = drift.share_train, drift.share_other
    if not (0.0 < a < 1.0 and 0.0 < b < 1.0):
        return 1.0
    return math.exp(abs(math.log(a * (1.0 - b) / (b * (1.0 - a)))))


def _words(drift: Drift, name: str) -> str:
    if drift.value is not None and math.isfinite(drift.share_train + drift.share_other):
        where = f"{shown(drift.value)} has {percent(drift.share_train)} of the training rows"
        return f"{where} and {percent(drift.share_other)} of {name}"
    return f"distance {figure(drift.distance)}, mean by {drift.shift:+.2g} standard deviations"
