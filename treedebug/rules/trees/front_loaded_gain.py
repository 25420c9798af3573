"""TR210 front-loaded-gain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.findings import Finding
from treedebug.core.phrases import percent
from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import harm, setting, slower
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.training_end import Ending


@dataclass(frozen=True, kw_only=True)
class FrontLoadedGain(Rule):
    """The first few trees take nearly all the gain.

    ## What it does
    Fires when the first `first` rounds hold `min_share` of the gain of all rounds, over `min_rounds` rounds or more. At
    the usual learning rates the gain cannot fall that fast, for each tree leaves most of the error to the next. A
    warning where validation has worsened; else info.
    ## Why is this bad
    The first trees decide everything, noise included, and hundreds of later ones only polish: the learning rate is too
    high, or one column gives the answer away.
    ## When to ignore it
    You want a small model of a few large steps.
    """

    code = "TR210"
    name = "front-loaded-gain"
    explains: ClassVar[tuple[str, ...]] = ("CV101", "CV102", "FT305")

    min_share: float = param(0.85, "share of the gain in the first rounds", ge=0.0, le=1.0)
    first: int = param(3, "rounds that count as the first ones", ge=1, le=1000)
    min_rounds: int = param(20, "rounds before the share means anything", ge=2, le=100_000)

    def check(self, trees: TreeSummary, header: Header, loss: EvalLoss | None, ending: Ending) -> Iterator[Finding]:
        """Add up the gain of the first rounds."""
        n_rounds = trees.n_seen - header.start_round
        if n_rounds < self.min_rounds or header.start_round > 0:
            return
        gain, rounds = np.maximum(trees.column("total_gain"), 0.0), trees.column("round_index")
        whole, early = float(gain.sum()), float(gain[: int(np.searchsorted(rounds, self.first))].sum())
        if not (np.isfinite(whole) and whole > 0 and early >= self.min_share * whole):
            return
        rate = setting(header, "learning_rate")
        fast = rate is None or rate > 0.3  # the larger of the two libraries' defaults
        yield self.finding(
            f"the first {self.first} of {n_rounds} rounds bring {percent(early / whole)} of the gain: "
            + ("the learning rate is high" if fast else "look for a column that gives the answer away"),
            severity=harm(loss, ending),
            rounds=(0, self.first - 1),
            try_next=slower(header, 0.1) if fast else (),
            share=early / whole,
            learning_rate=rate,
        )
