"""RC701 similar-runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from treedebug.core.findings import Finding
from treedebug.core.phrases import listed, percent
from treedebug.core.run.run_data import RunData
from treedebug.engine.rule import Rule, param
from treedebug.signals.runs.run_pair import RunPair


@dataclass(frozen=True, kw_only=True)
class SimilarRuns(Rule):
    """A change of the parameters changed nothing, or a change of the seed changed everything.

    ## What it does
    Compares a run with an earlier one on the same data. Fires if parameters that shape trees differ, and yet every
    tree of the rounds both have is the same (if only a seed differs, nothing is drawn at random). And if
    nothing but a seed differs, and the gain that the features hold in common is `max_overlap` or less.
    ## Why is this bad
    A change without an effect was an experiment for nothing, most often because the parameter is not used or not
    reached. A model that hangs on its seed is not the one you will get the next time.
    ## When to ignore it
    You wanted to see that a parameter makes no difference, and now you know it.
    """

    code = "RC701"
    name = "similar-runs"

    max_overlap: float = param(0.5, "share of the gain that features hold in both runs", ge=0.0, le=1.0)
    min_rounds: int = param(5, "rounds that both runs must have", ge=1, le=1_000_000)

    def check(self, pair: RunPair) -> Iterator[Finding]:
        """Compare what was changed with what came of it."""
        if not pair.changed or pair.n_shared < self.min_rounds or not pair.same_data:
            return
        names = sorted(pair.changed)
        words = listed([f"{n} ({pair.changed[n][0]!r} to {pair.changed[n][1]!r})" for n in names], 3)
        if pair.first_difference is None:
            seed = pair.only_seeds
            yield self.finding(
                f"{words} changed, and the trees of all {pair.n_shared} rounds are the same"
                + (": nothing is drawn at random" if seed else ": it has no effect here"),
                subject="nothing changed",
                changed=names,
                n_rounds=pair.n_shared,
            )
        elif pair.only_seeds:
            overlap = _overlap(pair.then, pair.now)
            if overlap is not None and overlap <= self.max_overlap:
                yield self.finding(
                    f"only {words} changed, and the features have {percent(overlap)} of their gain in common",
                    subject="everything changed",
                    changed=names,
                    overlap=overlap,
                )


def _overlap(then: RunData, now: RunData) -> float | None:
    """Gain shares that the features have in both runs, summed; None without gains."""
    held = []
    for run in (then, now):
        totals = None if run.summary is None else run.summary.totals()
        if totals is None or not totals.total_gain.sum() > 0:
            return None
        held.append(totals)
    both = np.intersect1d(held[0].features, held[1].features)
    shares = [t.gain_of(both) / t.total_gain.sum() for t in held]
    return float(np.minimum(*shares).sum())
