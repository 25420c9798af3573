"""DA610 drifting-feature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.column_profile import DATE, NUMBER
from treedebug.core.data.data_sets import Drift
from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, listed, percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, concerned, rows, shown
from treedebug.signals.data.checked_tables import Split, Splits
from treedebug.signals.data.set_drift import Difference, differences


@dataclass(frozen=True, kw_only=True)
class DriftingFeature(Rule):
    """A feature is spread otherwise in another set than in the training data.

    ## What it does
    Compares each feature of the training data with the same one of each other set: the largest distance of their
    distribution functions (Kolmogorov-Smirnov), or the share of the rows that would have to change category. Fires when
    it is `min_distance` or more beyond what two samples of this size differ by anyway, and chance gives so much with a
    probability below `max_p` over all columns. Columns that count or name the rows, and those of time, differ
    by nature.
    ## Why is this bad
    The model is judged on rows of another kind than it learned from: the score tells little about either. If the other
    set is newer, this is how the data are changing.
    ## When to ignore it
    The sets are meant to differ (another region, a later year), and the score should say how the model copes.
    """

    code = "DA610"
    name = "drifting-feature"

    min_distance: float = param(0.1, "distance of the distributions, 0 to 1, beyond chance", ge=0.0, le=1.0)
    max_p: float = param(0.001, "probability by chance, over all columns", ge=0.0, le=1.0)

    def check(self, splits: Splits) -> Iterator[Finding]:
        """Compare distance and probability of every column."""
        for split in splits:
            compared = differences(split)
            found = [
                d for d in compared if d.beyond_chance >= self.min_distance and d.p_value * len(compared) < self.max_p
            ]
            if found:
                yield self._finding(split, sorted(found, key=lambda d: -d.drift.distance))

    def _finding(self, split: Split, found: list[Difference]) -> Finding:
        first = found[0].drift
        phrases = [f"{d.drift.column} ({_amount(d)})" for d in found]
        which = (
            f"column {phrases[0]} of {split.name} is"
            if len(found) == 1
            else f"{len(found)} columns of {split.name} are"
        )
        listing = "" if len(found) == 1 else f": {listed(phrases)}"
        return self.finding(
            f"{which} spread otherwise than in the training data{listing}{_example(first, split.name)}",
            subject=split.name,
            **concerned([d.drift.column for d in found]),
            distances={d.drift.column: d.drift.distance for d in found[:MOST]},
            psi={d.drift.column: d.drift.psi for d in found[:MOST]},
            p_values={d.drift.column: d.p_value for d in found[:MOST]},
            compared=rows(first.n_other),
        )


def _example(drift: Drift, name: str) -> str:
    """The part of the column that changed most."""
    if drift.value is None:
        return ""
    part = str(drift.value) if drift.kind in (NUMBER, DATE) else shown(drift.value)
    shares = f"{percent(drift.share_train)} of the training rows and {percent(drift.share_other)} of {name}"
    return f"; in {drift.column}, {part} has {shares}"


def _amount(difference: Difference) -> str:
    drift = difference.drift
    return f"distance {figure(drift.distance)}" + (f", mean by {drift.shift:+.2g} std" if abs(drift.shift) > 0 else "")
