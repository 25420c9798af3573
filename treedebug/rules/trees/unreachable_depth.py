"""TR202 unreachable-depth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.changes import question
from treedebug.core.findings import Finding, Severity
from treedebug.core.params.user_spelling import spelled
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import setting, training_rows
from treedebug.signals.trees.tree_shape import TreeShape


@dataclass(frozen=True, kw_only=True)
class UnreachableDepth(Rule):
    """The limit on depth or leaves never binds: another parameter ends the growth.

    ## What it does
    Compares the largest tree with `num_leaves` (LightGBM) or `max_depth` (XGBoost). Fires when it comes to no more
    than `max_reached` of the limit in levels, and a parameter is found that explains it: `min_child_samples`,
    `min_child_weight` or the least gain of a split. Where none can be named, the data has no more to split, and the
    rule is silent.
    ## Why is this bad
    Tuning the limit changes nothing, while another parameter, maybe forgotten, decides how complex the model can be.
    ## When to ignore it
    The other parameter is your choice of regularization, and the limit is only a guard.
    """

    code = "TR202"
    name = "unreachable-depth"
    severity: ClassVar[Severity] = Severity.INFO

    max_reached: float = param(0.6, "levels of the largest (balanced) tree, as a share of the limit's", ge=0.0, le=1.0)
    min_rounds: int = param(20, "rounds before the largest tree is known", ge=1, le=100_000)

    def check(self, shape: TreeShape, header: Header) -> Iterator[Finding]:
        """Compare the largest tree with the limit."""
        limit, reached, name = _limit(header, shape)
        by_depth = name == "max_depth"
        if limit < 4 or reached < 1 or len(shape.rounds) < self.min_rounds:  # a small limit says little
            return
        share = reached / limit if by_depth else math.log(reached) / math.log(limit)
        if not 0 < share <= self.max_reached:
            return
        found = _blocker(header, shape, 2.0 ** min(limit, 63.0) if by_depth else limit)
        if found is None:
            return
        why, blocker = found
        unit = "deep" if by_depth else "leaves large"
        yield self.finding(
            f"the largest of {len(shape.depth)} trees is {reached:.0f} {unit}; {spelled(header, name)}={limit:.0f} is "
            f"never reached because {why}",
            try_next=(question(f"Is {blocker} meant to bound the trees? It does, not {spelled(header, name)}."),),
            parameter=name,
            limit=limit,
            reached=reached,
            blocker=blocker.partition("=")[0],
        )


def _limit(header: Header, shape: TreeShape) -> tuple[float, float, str]:
    """(limit, what was reached, canonical name) of the parameter that bounds the trees in this library."""
    leaves, depth = setting(header, "num_leaves"), setting(header, "max_depth") or 0.0
    if header.library == "lightgbm":
        cap = leaves or 31.0
        return min(cap, 2.0**depth if 0 < depth < 31 else cap), float(shape.n_leaves.max(initial=0.0)), "num_leaves"
    return depth, float(shape.depth.max(initial=0.0)), "max_depth"


def _blocker(header: Header, shape: TreeShape, wanted: float) -> tuple[str, str] | None:
    """What forbids trees of that many leaves: in words, and as the user typed it."""
    rows = training_rows(header)
    samples, weight = setting(header, "min_child_samples"), setting(header, "min_child_weight")
    if samples and samples > 1 and rows and rows / samples < wanted:
        set_to = f"{spelled(header, 'min_child_samples')}={figure(samples)}"
        return f"{set_to} allows at most {int(rows / samples)} leaves of {rows} rows", set_to
    known = np.sort(shape.root_hessian[np.isfinite(shape.root_hessian)])
    mass = float(known[len(known) // 2]) if len(known) else 0.0
    if weight and weight > (1.0 if header.library == "xgboost" else 0.001) and 0 < mass / weight < wanted:
        set_to = f"{spelled(header, 'min_child_weight')}={figure(weight)}"
        return (
            f"{set_to} allows at most {max(int(mass / weight), 1)} leaves of the {figure(mass)} of hessian in a root",
            set_to,
        )
    for name in ("gamma", "min_split_gain"):
        least = setting(header, name)
        if least:
            set_to = f"{spelled(header, name)}={figure(least)}"
            return f"most splits gain less than {set_to}", set_to
    return None
