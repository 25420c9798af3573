"""RC704 unaveraged-seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.runs.averaging_gain import AveragingGain


@dataclass(frozen=True, kw_only=True)
class UnaveragedSeeds(Rule):
    """Two runs that differ by their seed alone differ in their predictions: an average would be better than either.

    ## What it does
    Compares two runs in which nothing but a seed differs, by their predictions of the same validation rows. The squared
    error of an average of M such models is that of one less (1 - 1/M) V, V being half the mean squared difference of
    two of them: an identity. Fires if `n_members` would take away `min_gain` of the error; else it is silent.
    ## Why is this bad
    What differs between seeds is noise that every single model carries. To choose the best seed by its score fits the
    validation set; to average removes the noise, and two models bring over half of what many do.
    ## When to ignore it
    One model is all you can afford when it predicts.
    """

    code = "RC704"
    name = "unaveraged-seeds"
    severity = Severity.WARNING
    explains = ("RC701",)

    n_members: int = param(10, "models to average", ge=2, le=100_000)
    min_gain: float = param(0.02, "share of the error that averaging them takes away", ge=0.0, le=1.0)
    min_rows: int = param(50, "validation rows compared", ge=1, le=1_000_000)

    def check(self, averaging: AveragingGain) -> Iterator[Finding]:
        """Apply the identity."""
        one, two, many = (averaging.shown(averaging.of(n)) for n in (1, 2, self.n_members))
        gain = 1.0 - many / one if one > 0 else 0.0
        if averaging.n_rows < self.min_rows or gain < self.min_gain:
            return
        error = "Brier score" if averaging.of_classes else "rmse"
        yield self.finding(
            f"only the seed differs: averaging {self.n_members} such models would cut the {error} on "
            f"{averaging.dataset} "
            f"from {figure(one)} to {figure(many)} ({percent(gain)}), two of them to {figure(two)}. Do not choose "
            "a seed "
            "by its score",
            subject="seeds",
            single=one,
            averaged=many,
            n_members=self.n_members,
            gain=gain,
        )
