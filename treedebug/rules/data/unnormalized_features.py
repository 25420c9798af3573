"""DA602 unnormalized-features."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from treedebug.core.data.column_profile import NUMBER, ColumnProfile
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure, listed
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, concerned
from treedebug.rules.data._model_kinds import may_train_trees
from treedebug.signals.data.checked_tables import TrainingTable

_HALF = 0.5
"""Columns that all lie within -1 and 1, and reach so far, were scaled by their range (pixels)."""


@dataclass(frozen=True, kw_only=True)
class UnnormalizedFeatures(Rule):
    """Features lie far from mean 0 and standard deviation 1.

    ## What it does
    Judges the training data of neural nets and linear boosters (`gblinear`); of trees only if `always` is set. Fires
    for columns of numbers (flags of two values aside) whose mean is further than `max_mean` standard deviations from 0,
    or whose standard deviation is not between 1/`max_scale` and `max_scale`. Silent where all columns lie
    within -1 and 1 and reach past 0.5: they were scaled by their range, as pixels are. Info for narrow columns, and
    for a few that hardly vary among others that do; a warning for wide ones, for a mean `warn_mean` times as far as
    both this column and the usual one vary, and where the usual one varies by under 1/`warn_scale`.
    ## Why is this bad
    Gradients of a net, and the regularization of a linear model, weigh features by their scale: large ones drown the
    others, and learning is slow; where it learns the one after the other, the validation loss can rise in between and
    fall again (a second descent; Heckel and Yilmaz, 2020). Trees only ask which of two values is larger, so they do
    not mind.
    ## When to ignore it
    The model scales its input itself (a batch normalization first), or it is made of trees.
    """

    code = "DA602"
    name = "unnormalized-features"
    explains = ("CV110",)

    max_mean: float = param(0.5, "distance of the mean from 0, in standard deviations", ge=0.0, le=1e9)
    max_scale: float = param(3.0, "standard deviation, or one over it", ge=1.0, le=1e9)
    warn_mean: float = param(3.0, "distance of the mean from 0, in standard deviations, a warning", ge=0.0, le=1e9)
    warn_scale: float = param(10.0, "one over a standard deviation, a warning", ge=1.0, le=1e9)
    always: bool = param(
        default=False, doc="judge the data of tree models, too, which do not mind the scale", choices=(False, True)
    )

    def check(self, table: TrainingTable, header: Header) -> Iterator[Finding]:
        """Compare mean and standard deviation."""
        if may_train_trees(header) and not self.always:
            raise Missing("trees do not mind the scale of a feature (set always = true to judge it all the same)")
        numbers = [c for c in table.features if c.kind == NUMBER and c.n_distinct > 2 and c.std > 0]
        odd = [c for c in numbers if self._is_odd(c)]
        if not odd or _is_scaled_by_range(numbers):
            return
        usual = statistics.median(c.std for c in numbers)
        odd.sort(key=lambda c: -max(abs(c.mean), c.std, 1.0 / c.std))
        phrases = [f"{c.name} (mean {figure(c.mean)}, std {figure(c.std)})" for c in odd]
        which = f"column {phrases[0]} is" if len(odd) == 1 else f"{len(odd)} columns are"
        listing = "" if len(odd) == 1 else f": {listed(phrases)}"
        yield self.finding(
            f"{which} not scaled to mean 0 and standard deviation 1{listing}",
            severity=Severity.WARNING if any(self._is_far(c, usual) for c in odd) else Severity.INFO,
            try_next=(Change("scale", "standard", "subtract the mean and divide by the standard deviation of train"),),
            **concerned([c.name for c in odd]),
            means={c.name: c.mean for c in odd[:MOST]},
            stds={c.name: c.std for c in odd[:MOST]},
        )

    def _is_odd(self, column: ColumnProfile) -> bool:
        off = abs(column.mean) > self.max_mean * column.std
        return off or not 1.0 / self.max_scale <= column.std <= self.max_scale

    def _is_far(self, column: ColumnProfile, usual: float) -> bool:
        off = abs(column.mean) > self.warn_mean * max(column.std, usual)
        return off or column.std > self.max_scale or usual < 1.0 / self.warn_scale


def _is_scaled_by_range(columns: Sequence[ColumnProfile]) -> bool:
    within = all(c.minimum is not None and c.minimum >= -1.0 and c.maximum <= 1.0 for c in columns)
    return within and max(c.maximum for c in columns) > _HALF
