"""CV117 stopped-by-test-set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.changes import experiment
from treedebug.core.findings import Finding
from treedebug.core.phrases import figure
from treedebug.engine.rule import Rule, param
from treedebug.signals.curves.described_header import Described
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.sampling_noise import sampling_noise
from treedebug.signals.params.watched_sets import WatchedSets

_TEST = re.compile(r"^(x_?|d_?)?(test|hold_?out)(ing)?(_?(set|data|rows))?(_\d)?$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class StoppedByTestSet(Rule):
    """A small test set decides when to stop, and its best round is what is reported.

    ## What it does
    Looks at early stopping by the only other set there is, where that is named like a test set. Fires if the metric on
    so few rows is uncertain by `min_error` of all that it has moved, or more, and the best round is one of `min_rounds`
    or more.
    ## Why is this bad
    The best of many rounds is partly the luckiest: on other rows it is worse, by about the uncertainty. A test score
    that nobody has chosen anything by would tell.
    ## When to ignore it
    The set is called test and is used for validation; the score that you report comes from rows kept apart.
    """

    code = "CV117"
    name = "stopped-by-test-set"

    min_error: float = param(0.25, "standard error of the metric, as a share of all it has moved", ge=0.0, le=10.0)
    min_rounds: int = param(20, "rounds that the best one is chosen from", ge=2, le=100_000)

    def check(self, loss: EvalLoss, guard: WatchedSets, known: Described) -> Iterator[Finding]:
        """Compare the uncertainty of the deciding set with what it has gained."""
        chosen = guard.patience and guard.decides == loss.dataset and len(guard.validation) == 1
        if not chosen or not _TEST.match(loss.dataset) or len(loss.valid) < self.min_rounds:
            return
        best = loss.shown(float(loss.valid[loss.best]))
        facts = known.header.data.get(loss.dataset, {})
        error = sampling_noise(loss.metric, abs(best), facts)
        if loss.gained <= 0 or not self.min_error * loss.gained <= error:
            return
        n_rows = facts.get("n_rows")
        yield self.finding(
            f"early stopping goes by {loss.dataset}{f' ({n_rows} rows)' if n_rows else ''}, so its {loss.metric} of "
            f"{figure(best)} is the best of {len(loss.valid)} rounds on the rows that chose the round: on other rows "
            f"expect less, by some {figure(error)}; stop by a third set, and keep {loss.dataset} for the end",
            subject=loss.dataset,
            try_next=(experiment("stop by a validation set cut off the training rows", "test stays unseen"),),
            standard_error=error,
            gained=loss.gained,
            n_rounds=len(loss.valid),
        )
