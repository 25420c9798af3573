"""TR208 lopsided-trees."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import experiment
from treedebug.core.findings import Finding, Severity
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import calmer, change, harm
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.training_end import Ending
from treedebug.signals.trees.leaf_sizes import TreeBalance, middle


@dataclass(frozen=True, kw_only=True)
class LopsidedTrees(Rule):
    """Trees grow as chains: split after split on the same small branch.

    ## What it does
    Places each tree of `min_leaves` or more between the balanced tree of as many leaves (0) and a chain, which has one
    split on each level (1). Fires when the middle tree stands at `min_lopsided` or more. A warning where validation
    has worsened; else info.
    ## Why is this bad
    Each split of a chain cuts a few rows off the end of a branch: leaf-wise growth is chasing outliers, and the depth
    makes prediction slow.
    ## When to ignore it
    A few rows carry most of the loss, as in counts with a long tail, and you want the model to follow them.
    """

    code = "TR208"
    name = "lopsided-trees"
    explains: ClassVar[tuple[str, ...]] = ("TR201", "TR206")

    min_lopsided: float = param(0.5, "from balanced (0) to a chain (1)", ge=0.0, le=1.0)
    min_leaves: int = param(16, "leaves of a tree that is judged", ge=4, le=1_000_000)
    min_rounds: int = param(20, "rounds before the trees are judged", ge=1, le=100_000)

    def check(self, balance: TreeBalance, header: Header, loss: EvalLoss | None, ending: Ending) -> Iterator[Finding]:
        """Place the middle tree between balanced and chain."""
        lopsided = balance.lopsided(self.min_leaves)
        if balance.n_rounds - header.start_round < self.min_rounds or lopsided < self.min_lopsided:
            return
        depth, leaves = middle(balance.depth), middle(balance.n_leaves)
        severity, allowed = harm(loss, ending), math.ceil(math.log2(leaves)) + 2
        smaller = experiment(f"{change(header, 'max_depth', allowed)} ends the chains: see what it costs on validation")
        yield self.finding(
            f"the median tree is {depth:.0f} levels deep, and {math.ceil(math.log2(leaves))} would hold its "
            f"{leaves:.0f} leaves: it splits off a few rows at a time, like a chain",
            severity=severity,
            try_next=(*(calmer(header, loss) if severity is Severity.WARNING else ()), smaller),
            lopsided=lopsided,
            depth=depth,
            n_leaves=leaves,
        )
