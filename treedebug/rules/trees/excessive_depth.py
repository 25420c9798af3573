"""TR201 excessive-depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding
from treedebug.core.run import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, percent, setting
from treedebug.signals.trees import DepthGain


@dataclass(frozen=True, kw_only=True)
class ExcessiveDepth(Rule):
    """Trees grow levels that add next to no gain.

    ## What it does
    Finds the levels that together hold all but `max_gain` of the gain (each stretch of rounds counting alike). Fires when
    `min_levels` or more levels lie below them and hold `min_splits` of all splits. `max_depth_allowed` sets a plain limit instead
    of, or besides, that judgement.
    ## Why is this bad
    Deep levels rest on few rows each: they cost memory and time, and what little they gain is mostly noise.
    ## When to ignore it
    Model size does not matter to you and validation is still improving.
    """

    code = "TR201"
    name = "excessive-depth"

    max_gain: float = param(0.1, "share of the gain below the levels that count", ge=0.0, le=1.0)
    min_splits: float = param(0.25, "share of all splits in the levels below", ge=0.0, le=1.0)
    min_levels: int = param(3, "levels below the ones that count", ge=1, le=63)
    max_depth_allowed: int = param(0, "depth no tree may exceed; 0 for no limit", ge=0, le=63)

    def check(self, levels: DepthGain, header: Header) -> Iterator[Finding]:
        """Compare the splits of the deep levels with their gain."""
        needed = levels.needed_depth(1.0 - self.max_gain)
        gain, splits = float(levels.gain_share[needed:].sum()), float(levels.split_share[needed:].sum())
        idle = levels.max_depth - needed >= self.min_levels and splits >= self.min_splits
        over = 0 < self.max_depth_allowed < levels.max_depth
        if not (idle or over):
            return
        target = needed if idle else self.max_depth_allowed
        below = f"levels below depth {needed} hold {percent(splits)} of the splits but {percent(gain)} of the gain"
        yield self.finding(
            f"trees are up to {levels.max_depth} deep"
            + (f", over the limit of {self.max_depth_allowed}" if over else "")
            + (f"; the {below}" if idle else ""),
            try_next=_shallower(header, target),
            max_depth=levels.max_depth,
            mean_depth=levels.mean_depth,
            needed_depth=needed,
            deep_gain_share=gain,
            deep_split_share=splits,
            deep_leaf_hessian_share=float(levels.leaf_hessian_share[needed + 1 :].sum()),
        )


def _shallower(header: Header, depth: int) -> tuple[Change, ...]:
    changes = [change(header, "max_depth", depth, "keeps the levels that gain")]
    leaves = setting(header, "num_leaves")
    if header.library == "lightgbm" and (leaves is None or leaves > 2**depth):
        changes.append(change(header, "num_leaves", min(2**depth, int(leaves or 31)), "fits that depth"))
    return tuple(changes)
