"""DA611 drifting-label."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_profile import CLASSES
from treedebug.core.findings import Change, Finding
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._label_moves import beyond_range, odds_change, spread_words
from treedebug.signals.data.checked_tables import Split, Splits
from treedebug.signals.data.set_drift import difference, rows_a_group


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
            odds = odds_change(drift) if n_classes else 1.0
            far = compared.beyond_chance >= self.min_distance
            if far or odds >= self.min_odds:
                yield self.finding(
                    f"the labels of {split.name} are not spread as in the training data: "
                    f"{spread_words(drift, split.name)}{beyond_range(split)}",
                    subject=split.name,
                    explains=(*self.explains, "DA607", "DA612") if beyond_range(split) else None,
                    try_next=_split_anew(split, drift.column),
                    label=drift.column,
                    distance=drift.distance,
                    psi=drift.psi,
                    p_value=compared.p_value,
                    odds_factor=odds if n_classes else None,
                    shift=drift.shift if math.isfinite(drift.shift) else None,
                )


def _split_anew(split: Split, column: str) -> tuple[Change, ...]:
    """A split by chance, unless the table has an order in time, which it would break."""
    if split.between.time is not None or split.train.time_was_named:
        return ()
    return (Change("stratify", column, "split anew, if the sets were to be alike"),)
