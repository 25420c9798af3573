"""TR201 excessive-depth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import harm, loosened, ran_on, training_rows, unbounded
from treedebug.rules.trees._deep_levels import calm, idle_levels, shallower
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.training_end import Ending
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.trees.leaf_sizes import TreeBalance, middle
from treedebug.signals.trees.tree_shape import DepthGain


@dataclass(frozen=True, kw_only=True)
class ExcessiveDepth(Rule):
    """Trees grow levels that add next to no gain.

    ## What it does
    Looks for the levels from some depth on that together hold no more than `max_gain` of the gain, and whose splits
    gain no more than `max_worth` of what the average split gains (each stretch of rounds counting alike). Fires when
    there are `min_levels` or more of them and they hold `min_splits` of all splits. Or when the middle tree has
    `min_leaves` or more, and a leaf of it `min_leaf_rows` training rows or fewer in the mean. `max_depth_allowed` sets
    a plain limit besides that judgement. A warning where validation has worsened (unless it ran on for as long again as
    it was useful, and less than half of the splits are deep), where the limit is passed, or where next to nothing
    bounds the leaves and they are crowded or hold `loose_splits`; else info, if they hold that. Forests may be deep.
    ## Why is this bad
    Deep levels rest on few rows each: they cost memory and time, and what little they gain is mostly noise.
    ## When to ignore it
    Model size does not matter to you and validation is still improving.
    """

    code = "TR201"
    name = "excessive-depth"
    explains: ClassVar[tuple[str, ...]] = (
        "CV101", "CV102", "CV107", "CV110", "CV111", "CL404", "CL406", "FT303", "FT305", "TR206", "TR208",
    )  # fmt: skip

    max_gain: float = param(0.1, "share of the gain in the deep levels", ge=0.0, le=1.0)
    max_worth: float = param(0.5, "gain of a deep split, as a share of the average split's", ge=0.0, le=10.0)
    min_splits: float = param(0.1, "share of all splits in the deep levels", ge=0.0, le=1.0)
    loose_splits: float = param(0.35, "the same where validation has not worsened", ge=0.0, le=1.0)
    min_levels: int = param(4, "deep levels there must be", ge=1, le=63)
    min_leaves: int = param(32, "leaves of a tree that may be too large for the rows", ge=2, le=1_000_000)
    min_leaf_rows: float = param(16.0, "training rows of an average leaf that are too few", ge=0.0, le=1e6)
    min_rounds: int = param(50, "rounds before the levels can be compared", ge=1, le=100_000)
    max_depth_allowed: int = param(0, "depth no tree may exceed; 0 for no limit", ge=0, le=63)

    def check(  # noqa: PLR0913, PLR0917 - what the trees show, and what makes it a warning
        self, levels: DepthGain, trees: TreeBalance, header: Header, loss: EvalLoss | None, ending: Ending,
        params: Params | None,
    ) -> Iterator[Finding]:  # fmt: skip
        """Compare the splits of the deep levels with their gain, and the leaves with the rows."""
        if levels.n_rounds < self.min_rounds or (params is not None and params.is_forest):
            return
        needed = levels.idle_from(max_gain=self.max_gain, max_worth=self.max_worth)
        gain, splits = float(levels.gain_share[needed:].sum()), float(levels.split_share[needed:].sum())
        idle = levels.max_depth - needed >= self.min_levels and splits >= self.min_splits
        over = 0 < self.max_depth_allowed < levels.max_depth
        leaves, n_rows = middle(trees.n_leaves), training_rows(header)
        crowded = n_rows is not None and leaves >= self.min_leaves and n_rows <= self.min_leaf_rows * leaves
        severity = Severity.WARNING if over else self._severity(header, loss, ending, splits, crowded=crowded)
        idle &= severity is Severity.WARNING or splits >= self.loose_splits
        if not (idle or over or crowded):
            return
        target = needed if idle else self.max_depth_allowed if over else self._fitting(n_rows or 0)
        parts = [f"over the limit of {self.max_depth_allowed}"] if over else []
        parts += [f"the median tree has {figure(leaves)} leaves for {n_rows} rows"] if crowded else []
        parts += [idle_levels(needed, splits, gain)] if idle else []
        yield self.finding(
            f"trees are up to {levels.max_depth} deep; {', '.join(parts)}",
            severity=severity,
            try_next=shallower(header, target, calm(header, loss, ending) if severity is Severity.WARNING else ()),
            explains=tuple(c for c in self.explains if c != "TR206" or not loosened(header)),
            max_depth=levels.max_depth, mean_depth=levels.mean_depth, needed_depth=needed, deep_gain_share=gain,
            deep_split_share=splits, n_leaves=leaves, n_rows=n_rows,
            deep_leaf_hessian_share=float(levels.leaf_hessian_share[needed + 1 :].sum()),
        )  # fmt: skip

    def _fitting(self, n_rows: int) -> int:
        return max(int(math.log2(max(n_rows, 16) / self.min_leaf_rows)) - 1, 2) if self.min_leaf_rows else 2

    def _severity(  # what makes it one: each has its own evidence
        self, header: Header, loss: EvalLoss | None, ending: Ending, splits: float, *, crowded: bool
    ) -> Severity:
        deep = crowded or splits >= 0.5 or unbounded(header)  # else the rounds after the best one are what harms
        suffers = harm(loss, ending) is Severity.WARNING and (deep or not ran_on(loss, ending, header))
        loose = unbounded(header) and (crowded or splits >= self.loose_splits)
        return Severity.WARNING if suffers or loose else Severity.INFO
