"""RC702 regressed-metric."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding
from treedebug.core.params.user_spelling import spelled
from treedebug.core.phrases import figure
from treedebug.engine.rule import Rule, param
from treedebug.signals.runs.run_pair import LossChange, RunPair


@dataclass(frozen=True, kw_only=True)
class RegressedMetric(Rule):
    """The run is worse than the one it is compared with, by more than chance.

    ## What it does
    Compares the best validation values of two runs that watched the same metric on the same data. Fires where the
    later run is worse by `min_share` of what the earlier one had gained, and by `min_sigmas` standard deviations of
    what chance explains: the noise of both curves, and which rows happen to be in the validation set. Where both runs
    kept the margins of these rows (`row_margins=True`), the latter is the paired t-test's, from the differences row by
    row; else from the number of rows, the errors of the two taken to be as alike as those of sound models usually are.
    ## Why is this bad
    The change made the model worse, and nothing in the run itself shows it.
    ## When to ignore it
    You gave up accuracy for something else on purpose: size, speed, fewer features.
    """

    code = "RC702"
    name = "regressed-metric"

    min_share: float = param(0.02, "share of the earlier improvement that is lost", ge=0.0, le=1.0)
    min_sigmas: float = param(3.0, "standard deviations of chance", ge=0.0, le=1000.0)

    def check(self, loss: LossChange, pair: RunPair) -> Iterator[Finding]:
        """Compare the difference with its noise."""
        small = loss.difference < self.min_share * max(loss.gained, 0.0)
        if not loss.difference > 0 or small or loss.difference < self.min_sigmas * loss.noise:
            return
        back = [(n, then) for n, (then, _) in sorted(pair.changed.items()) if then is not None]
        header = pair.now.header
        yield self.finding(
            f"the best {loss.metric} on {loss.dataset} went from {figure(loss.then)} to {figure(loss.now)}, "
            f"{figure(loss.difference / max(loss.noise, 1e-300))} standard deviations worse"
            + (" (row by row)" if loss.is_paired else ""),
            subject=f"{loss.dataset} {loss.metric}",
            try_next=tuple(Change(spelled(header, n), then, "as it was") for n, then in back[:5]),
            then=loss.then,
            now=loss.now,
            noise=loss.noise,
            paired=loss.is_paired,
            changed=[n for n, _ in back],
        )
